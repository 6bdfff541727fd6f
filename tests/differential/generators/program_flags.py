"""Second instances of etcd and of the API server, with flags, variables and configuration files that are right or wrong."""

from hypothesis import strategies as st

from tests.differential.generators.manifests import named
from tests.differential.generators.values import Draw

__all__ = ["admission", "apiserver", "etcd"]

#: An etcd of its own, on ports that its name gives; `FLAGS` and `ENVIRONMENT` are replaced.
_ETCD = """\
p=$((20000 + 0x${q:1:3} * 4))
cat >/root/$q <<END
apiVersion: v1
kind: Pod
metadata:
  name: $q
spec:
  hostNetwork: true
  containers:
  - name: c
    image: $(grep -o 'registry.*etcd:.*' etcd.yaml)
ENVIRONMENT    command:
    - etcd
    - --data-dir=/tmp/etcd
    - --listen-client-urls=http://127.0.0.1:$p
    - --advertise-client-urls=http://127.0.0.1:$p
    - --listen-peer-urls=http://127.0.0.1:$((p + 1))
    - --initial-advertise-peer-urls=http://127.0.0.1:$((p + 1))
    - --initial-cluster=default=http://127.0.0.1:$((p + 1))
FLAGSEND
mv /root/$q $q.yaml"""
_ETCD_FLAGS = {
    "quota-backend-bytes": ("8589934592", "8Gi", "8GB", "-1", "0", "1e9", "0x10", "99999999999999999999", "", " 8", "8_000"),
    "snapshot-count": ("10000", "-1", "ten", "0", "1.5"), "heartbeat-interval": ("100", "100ms", "0", "1000"),
    "election-timeout": ("1000", "1s", "10", "100000", "0"), "auto-compaction-mode": ("periodic", "revision", "never", ""),
    "auto-compaction-retention": ("1h", "5", "-1", "x", "1d"), "log-level": ("debug", "loud", "INFO", ""), "logger": ("zap", "x"),
    "max-request-bytes": ("1572864", "10MB", "-1"), "max-txn-ops": ("128", "x"), "metrics": ("basic", "extensive", "x"),
    "name": ("other", ""), "initial-cluster-state": ("new", "existing", "old"), "initial-cluster-token": ("x",),
    "client-cert-auth": ("true", "yes", "maybe", "1", ""), "cert-file": ("/nosuch", ""), "trusted-ca-file": ("/nosuch",),
    "listen-client-urls": ("127.0.0.1:1", "http://x:1", "ftp://127.0.0.1:1", "", "http://127.0.0.1"),
    "listen-metrics-urls": ("http://127.0.0.1:0", "x"), "initial-advertise-peer-urls": ("http://127.0.0.1:1", "x"),
    "initial-cluster": ("x", "a=http://127.0.0.1:1", ""), "data-dir": ("/proc/x", "/tmp/y"), "wal-dir": ("/tmp/w",),
    "feature-gates": ("InitialCorruptCheck=true", "NoSuch=true", "InitialCorruptCheck=maybe", "InitialCorruptCheck", ""),
    "watch-progress-notify-interval": ("5s", "5", "x"), "pre-vote": ("false", "no"), "strict-reconfig-check": ("x",),
    "nosuch": ("1", ""), "quota-backend-byte": ("1",), "tls-min-version": ("TLS1.2", "TLS1.4", "1.3"), "cipher-suites": ("x",),
    "auth-token": ("simple", "x"), "max-snapshots": ("5", "-1", "x"), "max-wals": ("0", "a"), "compaction-batch-limit": ("x",),
    "backend-batch-interval": ("100ms", "100"), "log-outputs": ("stderr", "/nosuch/x", "default"), "discovery-srv": ("x",), "config-file": ("/nosuch",),
    "grpc-keepalive-min-time": ("5s", "5"), "enable-pprof": ("", "x"), "socket-reuse-port": ("2",), "v2-deprecation": ("x", "write-only"),
    "experimental-initial-corrupt-check": ("true",), "enable-v2": ("true",), "force-new-cluster": ("false",), "version": ("",),
}  # fmt: skip
_FORMS = ("--{}={}", "--{}={}", "--{}={}", "-{}={}", "---{}={}", "{}={}", "--{} {}", "--{}", "--{}= {}")

#: A second API server: the manifest of the first, with another port and name, without probes.
_APISERVER = """\
p=$((20000 + 0x${q:1:3} * 4))
sed -e "s/name: kube-apiserver/name: $q/" -e "s/6443/$p/" -e '/Probe:/,/timeoutSeconds/d' -e 's/cpu: .*/cpu: 1m/' \\
  -e 's/- --runtime-config=/- --endpoint-reconciler-type=none/'EDITS kube-apiserver.yaml >/root/$q
mv /root/$q $q.yaml"""
_API_FLAGS = {
    "max-requests-inflight": ("x", "-1"), "v": ("a", "2.5", "99999999999"), "request-timeout": ("1", "x", "-1s"),
    "enable-admission-plugins": ("NoSuch", "NodeRestriction,nosuch", "noderestriction"), "disable-admission-plugins": ("NoSuch",),
    "authorization-mode": ("Nope", "Node,,RBAC", "node", "RBAC,RBAC", "Webhook", ""), "tls-min-version": ("VersionTLS14", "1.2"),
    "event-ttl": ("1x", "3600"), "nosuch": ("1",), "profiling": ("maybe", "no"), "service-cluster-ip-range": ("10.96.0.0/8", "x", "10.96.0.0"),
    "etcd-servers": ("", "127.0.0.1:2379", "x"), "feature-gates": ("NoSuch=true", "NodeSwap", "NodeSwap=x", "NodeSwap=false"),
    "runtime-config": ("api/all=maybe", "nosuch/v1=true", "x"), "bind-address": ("x", "1.2.3.4.5"), "advertise-address": ("x", "127.0.0.1", ""),
    "secure-port": ("0", "-1", "70000", "x"), "client-ca-file": ("/nosuch", "/etc/kubernetes/pki/sa.key"), "tls-cert-file": ("/nosuch",),
    "etcd-cafile": ("/nosuch",), "etcd-certfile": ("/nosuch",), "service-account-key-file": ("/nosuch", "/etc/kubernetes/pki/ca.key"),
    "service-account-issuer": ("x y", "a:b", ""), "service-account-signing-key-file": ("/nosuch",), "audit-policy-file": ("/nosuch",),
    "audit-log-maxage": ("x", "-1"), "encryption-provider-config": ("/nosuch",), "admission-control-config-file": ("/nosuch", ""),
    "allow-privileged": ("", "yes", "1"), "anonymous-auth": ("none",), "kubelet-certificate-authority": ("/nosuch",),
    "kubelet-preferred-address-types": ("Nope",), "min-request-timeout": ("x",), "storage-backend": ("etcd2",), "etcd-prefix": ("",),
    "tls-cipher-suites": ("NOSUCH",), "goaway-chance": ("2", "x"), "max-mutating-requests-inflight": ("1k",), "insecure-port": ("8080",),
    "kubelet-client-key": ("/nosuch",), "requestheader-client-ca-file": ("/nosuch",), "proxy-client-cert-file": ("/nosuch",),
    "logging-format": ("xml", "json"), "service-node-port-range": ("1", "a-b", "30000-20000"), "cert-dir": ("/x",), "token-auth-file": ("/nosuch",),
    "authentication-config": ("/nosuch",), "authorization-config": ("/nosuch",), "etcd-compaction-interval": ("5",), "watch-cache-sizes": ("x",),
    "default-watch-cache-size": ("many",), "enable-bootstrap-token-auth": ("maybe",), "shutdown-delay-duration": ("-1s",), "external-hostname": ("",),
}  # fmt: skip
_END = "\nsleep 35\nbash /root/told $q $t\nrm -f $q.yaml /root/$q"


def _flag(draw: Draw, flags: dict[str, tuple[str, ...]]) -> str:
    name = draw(st.sampled_from(sorted(flags)))
    form: str = draw(st.sampled_from(_FORMS))
    return form.format(name, draw(st.sampled_from(flags[name])))


@st.composite
def etcd(draw: Draw) -> str:
    """Return a script that starts an etcd with one or two more flags or variables."""
    lines, variables = [], []
    for _ in range(draw(st.sampled_from((1, 1, 1, 2)))):
        if draw(st.integers(0, 4)) == 0:
            name = draw(st.sampled_from(sorted(_ETCD_FLAGS)))
            value = draw(st.sampled_from(_ETCD_FLAGS[name]))
            variables.append(f'    - {{name: ETCD_{name.upper().replace("-", "_")}, value: "{value}"}}\n')
        else:
            lines.append(f"    - '{_flag(draw, _ETCD_FLAGS)}'\n")
    environment = "    env:\n" + "".join(variables) if variables else ""
    script = _ETCD.replace("FLAGS", "".join(lines)).replace("ENVIRONMENT", environment)
    return named(script + _END)


@st.composite
def apiserver(draw: Draw) -> str:
    """Return a script that starts an API server with one more, one changed or one missing flag."""
    if draw(st.integers(0, 5)) == 0:
        missing = ("etcd-servers", "service-account-issuer", "service-account-key-file", "tls-cert-file", "client-ca-file", "etcd-cafile",
                   "service-cluster-ip-range", "tls-private-key-file", "service-account-signing-key-file", "etcd-keyfile")  # fmt: skip
        edits = f" -e '/- --{draw(st.sampled_from(missing))}=/d'"
    else:
        edits = f" -e \"/- --secure-port/a\\\\    - '{_flag(draw, _API_FLAGS)}'\""
    return named(_APISERVER.replace("EDITS", edits) + _END)


_CONFIGURATION = """\
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults:
      enforce: baseline
      enforce-version: latest
      audit: restricted
    exemptions:
      usernames: []
      runtimeClasses: []
      namespaces: [kube-system]
"""
_CONFIGURED = (
    "s/exemptions/exemption/", "s/defaults/default/", "s/namespaces/namespace/", "s/enforce: baseline/enforce: base/",
    "s/enforce: baseline/enforce: Baseline/", "s/enforce: baseline/enforce: 1/", "s/enforce: baseline/enforced: baseline/",
    "s/latest/v1.99/", "s/latest/1.30/", "s/latest/newest/", "s/latest/v1.30/", "s/latest/v1.30.1/", "s/\\[kube-system\\]/kube-system/",
    "s/\\[kube-system\\]/[1]/", "s/\\[kube-system\\]/[A_b]/", "s/\\[kube-system\\]/[a, a]/", 's/\\[kube-system\\]/[""]/', "s/\\[kube-system\\]/{a: b}/",
    "s/usernames: \\[\\]/usernames: [x]/", 's/usernames: \\[\\]/usernames: [""]/', "s/usernames: \\[\\]/users: []/", "s/runtimeClasses: \\[\\]/runtimeClasses: [A_b]/",
    "s/kind: Pod.*/kind: PodSecurity/", "s/kind: Pod.*//", "s/security.admission.config.k8s.io\\/v1/&beta1/", "s/security.admission.config.k8s.io\\/v1/&alpha1/",
    "s/security.admission.config.k8s.io\\/v1/&x/", "/apiVersion: pod/d", "s/^apiVersion.*/apiVersion: v1/", "1d", "2d", "3d", "4d", "5d", "8d",
    "s/kind: Adm.*/kind: EgressSelectorConfiguration/", "s/name: PodSecurity/name: NoSuch/", "s/name: PodSecurity/name: EventRateLimit/",
    "s/name: PodSecurity/name: podsecurity/", "s/plugins/plugin/", "s/^plugins:/plugins: []\\nx:/", "s/configuration:/config:/", "s/  configuration:/  path: \\/nosuch/",
    "s/configuration:/path: \\/nosuch\\n&/", "s/    exempt/   exempt/", "s/    exempt/\\texempt/", "s/exemptions:/exemptions/", "$aextra: 1", "$a    extra: 1",
    "$a- name: PodSecurity", "$a- name: ResourceQuota", "/exemptions/,$d", "/defaults/,/audit/d", "3,$d", "1,$d", "s/audit: restricted/audit: privileged\\n      audit: baseline/",
    's/audit: restricted/warn: ""/', 's/audit: restricted/audit-version: ""/', "s/audit: restricted/audit-version: v1/", "1s/^/---\\n/", "1s/v1/v1alpha1/", "1s/v1/v1beta1/",
    "s/^plugins:/plugins: x\\ny:/", "s/name: PodSecurity/name: [a]/", "s/    defaults:/    defaults: []\\n    x:/", "s/#/#/",
)  # fmt: skip


@st.composite
def admission(draw: Draw) -> str:
    """Return a script that starts an API server with an admission configuration, which is right or wrong."""
    edit = "".join(
        f" -e '{draw(st.sampled_from(_CONFIGURED))}'" for _ in range(draw(st.sampled_from((1, 1, 1, 2))))
    )
    edits = ' -e "/- --secure-port/a\\\\    - --admission-control-config-file=/etc/kubernetes/pki/$q.yaml"'
    written = f"sed{edit} >/etc/kubernetes/pki/$q.yaml <<'END'\n{_CONFIGURATION}END\n"
    return named(written + _APISERVER.replace("EDITS", edits) + _END + " /etc/kubernetes/pki/$q.yaml")
