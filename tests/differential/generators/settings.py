"""Settings of a node: the kubelet's configuration and flags, sysctl.d, units and timers; one question after another."""

from hypothesis import strategies as st

from tests.differential.generators.values import Draw
from tests.differential.model import Area, Question

__all__ = ["AREA"]

# No value here may end the node's static pods, as an empty folder of manifests or another cgroup driver does.

_CONFIG = "/var/lib/kubelet/config.yaml"
_FLAGS = "/var/lib/kubelet/kubeadm-flags.env"
#: `kubelet` restarts the kubelet and prints whether it runs, and its first words if it doesn't.
_SETUP = rf"""
mkdir -p /root/settings; hostname >/root/settings/hostname; cp {_CONFIG} /root/settings/config.yaml; cp {_FLAGS} /root/settings/flags.env
cat >/root/kubelet <<'END'
t=$(date +%s); systemctl restart kubelet; echo "restart: $?"; sleep 4
state=$(systemctl is-active kubelet); echo $state
[ $state = active ] && curl -s http://127.0.0.1:10248/healthz && echo && exit
# What ends the kubelet, each once: what else fails, and how often it starts in four seconds, is chance.
journalctl -u kubelet --since @$t -o cat | sed -nE '/command failed|Failed to start|^panic:/{{s/^([A-Z])[0-9]{{4}} [0-9:.]+ +[0-9]+ /\1 /;p}}' |
  grep -v 'kubelet.service' | sort -u | head -n 2
END
"""
_BEFORE = f"""
cmp -s {_CONFIG} /root/settings/config.yaml && cmp -s {_FLAGS} /root/settings/flags.env || {{
  cp /root/settings/config.yaml {_CONFIG}; cp /root/settings/flags.env {_FLAGS}; systemctl restart kubelet; sleep 2; }}
hostname "$(cat /root/settings/hostname)"; systemctl stop 'q.service' 'q.timer'; rm -rf /etc/systemd/system/q.* /etc/systemd/system/*/q.* /etc/sysctl.d/*q.conf; systemctl daemon-reload
systemctl reset-failed; sysctl --system; sysctl -w net.ipv4.ip_forward=1 vm.swappiness=60 kernel.panic=10; rm -rf /tmp/q; mkdir /tmp/q; cd /tmp/q; sleep 1
"""
#: A key of the kubelet's configuration, or a new one, and values for it.
_KUBELET = {
    "failSwapOn": ("maybe", "true", '"false"', "0"), "healthzPort": ("99999", "0", "-1", "x", "10248", "1.5"), "kind": ("Pod", "kubeletconfiguration"),
    "apiVersion": ("kubelet.config.k8s.io/v1", "kubelet.config.k8s.io/v1alpha1", "v1", ""), "clusterDomain": ("a b", "7"), "staticPodPath": ("[a]",),
    "maxPods": ("-1", "x", "50"), "podsPerCore": ("-1",), "imageGCHighThresholdPercent": ("101", "-5", "x"), "imageGCLowThresholdPercent": ("100", "101"),
    "healthzBindAddress": ("x", "0.0.0.0", "127.0.0.1"), "evictionHard": ("{memory.available: lots}", "{nosuch: 1}", "x", "{memory.available: 1Ki}"),
    "featureGates": ("{NoSuch: true}", "{NodeSwap: maybe}", "{NodeSwap: true}", "x"), "hairpinMode": ("nosuch", "none"), "cpuManagerPolicy": ("nosuch", "none"),
    "topologyManagerPolicy": ("nosuch",), "nodeStatusUpdateFrequency": ("10", "10s", "x", "-1s"), "syncFrequency": ("1m", "1x"), "registryPullQPS": ("-1", "x"),
    "tlsCertFile": ("/nosuch",), "port": ("1", "70000", "x"), "readOnlyPort": ("-1", "10255"), "extra": ("1", "{}"), "Port": ("1",), "serializeImagePulls": ("false", "1"),
    "maxParallelImagePulls": ("0", "2"), "containerLogMaxSize": ("10Mi", "x", "-1"), "containerLogMaxFiles": ("1", "5"), "shutdownGracePeriod": ("30s", "x"),
    "oomScoreAdj": ("2000", "-999"), "tlsMinVersion": ("VersionTLS14", "VersionTLS12"), "logging": ("{format: xml}", "{verbosity: a}", "{verbosity: 2}"), "rotateCertificates": ('"yes"',),
    "enforceNodeAllocatable": ("[nosuch]", "[none]", "[pods]", "pods"), "eventRecordQPS": ("-1",), "containerRuntimeEndpoint": ("unix:///nosuch.sock", '""', "x"), "memorySwap": ("{swapBehavior: x}",),
    "clusterDNS": ("x", "[x]", "[10.96.0.10, 1.2.3]"), "authorization": ("{mode: Nope}", "{mode: AlwaysAllow}"), "authentication": ("{x509: {clientCAFile: /nosuch}}", "x"), "registerNode": ("1",),
    "streamingConnectionIdleTimeout": ("5m", "x"), "systemReserved": ("{cpu: lots}", "{nosuch: 1}", "{cpu: -1}"), "runtimeRequestTimeout": ("2", "2m"), "crashLoopBackOff": ("{maxContainerRestartPeriod: 1h}",),
}  # fmt: skip
_CONFIG_EDITS = ("s/^failSwapOn/\\tfailSwapOn/", "s/^clusterDNS:/clusterDNS/", "1d", "/^kind/d", "s/^kind:.*/&\\n&/", "$anonsense", "1,$d", "s/: /:/", "$a---", "$afoo: [",
                 "s/^failSwapOn/failSwapon/", "s/anonymous:/anonymus:/", "s/clientCAFile:.*/clientCAFile: \\/nosuch.crt/", "s/mode: Webhook/mode: webhook/", "s/^/ /", "s/10.96.0.10/10.96.0.300/",
                 "s/enabled: true/enabled: on/", "s/cacheTTL: 0s/cacheTTL: 0/", "s/nodefs.available: 0%/nodefs.available: 0/", "$ahealthzPort: 1", "1s/^/---\\n/", "s/memorySwap: {}/memorySwap:/")  # fmt: skip
_KUBELET_FLAGS = ("--nosuch=1", "--v=a", "--v=2", "--max-pods=x", "--node-ip=x", "--port=99999", "--fail-swap-on=maybe", "--register-node=1",
                  "--kubeconfig=/nosuch", "--config=/nosuch", "--config=/etc/hosts", "--container-runtime=remote", "--container-runtime-endpoint=x", "--read-only-port=70000",
                  "--feature-gates=NoSuch=true", "--feature-gates=x", "nosuch", "--eviction-hard=x", "--cluster-dns=x", "--root-dir=/proc/x", "--node-labels=a b", "--node-labels=kubernetes.io/x=y", "-v", "--v",
                  "--network-plugin=cni", "--cluster-domain=x", "--anonymous-auth=perhaps", "--authorization-mode=X", "--logging-format=xml", "--pod-infra-container-image=x", "--address=x")  # fmt: skip


@st.composite
def _kubelet(draw: Draw) -> str:
    """Return a script with a changed configuration, or a flag more, of the kubelet."""
    how = draw(st.integers(0, 3))
    if how == 0:
        flag = draw(st.sampled_from(_KUBELET_FLAGS))
        return f"sed -i 's|\"$| {flag}\"|' {_FLAGS}; bash /root/kubelet"
    if how == 1:
        return f"sed -i '{draw(st.sampled_from(_CONFIG_EDITS))}' {_CONFIG}; bash /root/kubelet"
    key = draw(st.sampled_from(sorted(_KUBELET)))
    line = f"{key}: {draw(st.sampled_from(_KUBELET[key]))}"
    dropped = f"sed -i '/^{key}:/,/^[a-zA-Z]/{{/^{key}:/d;/^[ -]/d}}' {_CONFIG}; "
    return f"{dropped}echo '{line}' >>{_CONFIG}; bash /root/kubelet"


_SETTINGS = ("net.ipv4.ip_forward", "net.ipv4.ip_forward", "net/ipv4/ip_forward", "vm.swappiness", "kernel.panic", "net.ipv4.conf.all.forwarding", "net.ipv4.nosuch", "nosuch",
             "net.ipv4.conf.*.rp_filter", "kernel.hostname", "-net.ipv4.nosuch", "- vm.swappiness", "net.ipv4.tcp_syncookies", "net.bridge.bridge-nf-call-iptables", "kernel/panic", " vm.swappiness ")  # fmt: skip
_SET_TO = ("0", "1", "1", "2", "x", "", "-1", "10 20", '"1"', "999999999999", "1 # off", "1;")
_LINES = (
    "# {}={}",
    "; {}={}",
    "{}={}",
    "{}={}",
    "{} = {}",
    "{}={}",
    "{} {}",
    "  {}={}",
    "{}:{}",
    "{}",
    "{}\t=\t{}",
)
_ASK = ("sysctl --system 2>&1 | grep -v '^\\* Applying'", "systemctl restart systemd-sysctl; echo $?", "sysctl -p /etc/sysctl.d/50-q.conf", "sysctl -q --system", "sysctl -e -p /etc/sysctl.d/50-q.conf",
        "sysctl -p /etc/sysctl.d/*q.conf", "sysctl -r forward -p /etc/sysctl.d/50-q.conf", "sysctl -p /nosuch", "cat /etc/sysctl.d/*q.conf | sysctl -p -")  # fmt: skip
_SHOWN = "sysctl net.ipv4.ip_forward net.ipv4.conf.all.forwarding net.ipv4.conf.default.forwarding vm.swappiness kernel.panic"


@st.composite
def _sysctl(draw: Draw) -> str:
    """Return a script with one or two files of kernel settings."""
    script = []
    for name in draw(st.sampled_from((("50-q",), ("50-q", "99-q"), ("50-q", "05-q"), ("zz-q",)))):
        lines = [
            draw(st.sampled_from(_LINES)).format(draw(st.sampled_from(_SETTINGS)), draw(st.sampled_from(_SET_TO)))
            for _ in range(draw(st.sampled_from((1, 1, 2, 3))))
        ]
        script.append(f"cat >/etc/sysctl.d/{name}.conf <<'END'\n" + "\n".join(lines) + "\nEND")
    return "\n".join([*script, draw(st.sampled_from(_ASK)), _SHOWN])


_UNIT_LINES = {
    "Unit": ("Description=Q", "Description=", "After=nosuch.service", "Requires=nosuch.service", "Wants=nosuch.service", "ConditionPathExists=/nosuch", "ConditionPathExists=!/nosuch", "NoSuch=1",
             "StartLimitBurst=2", "Requires=kubelet.service", "Conflicts=nosuch.service", "AssertPathExists=/nosuch", "description=q"),
    "Service": ("Type=oneshot", "Type=oneshot", "Type=simple", "Type=nosuch", "Type=forking", "RemainAfterExit=yes", "RemainAfterExit=perhaps", "Restart=always", "Restart=on-failure", "Restart=sometimes",
                "RestartSec=1", "RestartSec=1x", "User=nosuch", "User=root", "Environment=A=b", 'Environment="A=b c"', "Environment=A", "EnvironmentFile=/nosuch", "EnvironmentFile=-/nosuch",
                "WorkingDirectory=/nosuch", "WorkingDirectory=/tmp", "ExecStartPre=/bin/false", "ExecStartPre=-/bin/false", "ExecStartPre=/bin/echo before", "ExecStartPost=/bin/echo after", "ExecStop=/bin/echo stop",
                "ExecStart=/bin/echo second", "ExecStart=", "StandardOutput=null", "TimeoutStartSec=1", "SuccessExitStatus=3", "NoSuch=1", "nonsense", "KillMode=process", "ExecReload=/bin/true"),
    "Timer": ("OnCalendar=*:0/5", "OnCalendar=nonsense", "OnCalendar=daily", "OnCalendar=Mon *-*-* 03:00", "OnCalendar=*-*-* *:*:0/2", "OnCalendar=25:00", "OnCalendar=2020-01-01", "OnBootSec=1", "OnBootSec=10min",
              "OnActiveSec=1", "OnActiveSec=2s", "OnUnitActiveSec=2", "OnUnitActiveSec=x", "OnUnitInactiveSec=1", "Unit=nosuch.service", "Unit=kubelet", "AccuracySec=1s", "AccuracySec=x", "Persistent=true", "NoSuch=1"),
}  # fmt: skip
_COMMANDS = ("/bin/echo hello", "/bin/false", "/bin/true", "/bin/sleep 100", "/nosuch", "echo hello", "/bin/sh -c 'exit 3'", "/bin/sh -c 'echo $A; echo $$A'", "/bin/echo $A ${A} x$A", "/bin/echo %n %H %i", "-/bin/false",
             "nosuch x", '/bin/sh -c "echo err >&2; exit 1"', "/bin/echo a | cat", "/bin/echo a > /tmp/q/x", "/bin/echo 'a b' \"c d\"", "@/bin/echo x y", "/tmp", "/etc/hosts", "", "/bin/kill -9 $$", "/bin/bash -c 'kill -9 $$$$'")  # fmt: skip
_ACTS = ("systemctl start q; echo $?", "systemctl restart q; echo $?", "systemctl enable q; echo $?", "systemctl enable --now q; echo $?", "systemctl start q; sleep 3; systemctl stop q; echo $?", "systemctl try-restart q; echo $?",
         "systemctl reload q; echo $?", "systemctl mask q; systemctl start q; echo $?", "systemctl start q q; systemctl start q; echo $?", "systemctl cat q", "systemd-analyze verify q.service; echo $?", "systemctl disable q; echo $?")  # fmt: skip
_UNIT_SHOWN = """\
sleep 4; systemctl is-active q.KIND; systemctl is-failed q.KIND; systemctl is-enabled q.KIND
systemctl show q.service -p LoadState -p ActiveState -p SubState -p Result -p ExecMainStatus -p NRestarts -p Description -p NeedDaemonReload
journalctl -u q.service -u q.timer --since @$t -o cat | sort | uniq -c | awk '{$1 = $1 > 1 ? "n" : 1; print}'"""


def _section(draw: Draw, name: str, count: int) -> str:
    lines = [draw(st.sampled_from(_UNIT_LINES[name])) for _ in range(count)]
    return "\n".join([f"[{name}]", *lines]) + "\n"


@st.composite
def _unit(draw: Draw) -> str:
    """Return a script with a service, often with a timer, of its own."""
    number = st.sampled_from((0, 1, 1, 2))
    service = _section(draw, "Unit", draw(number)) + _section(draw, "Service", draw(number))
    service += f"ExecStart={draw(st.sampled_from(_COMMANDS))}\n"
    service += draw(
        st.sampled_from(
            (
                "",
                "[Install]\nWantedBy=multi-user.target\n",
                "[Install]\nWantedBy=nosuch.target\n",
                "[install]\nx=y\n",
            )
        )
    )
    script = f"t=$(date +%s)\ncat >/etc/systemd/system/q.service <<'END'\n{service}END\n"
    kind = "service"
    if draw(st.integers(0, 2)) == 0:
        kind = "timer"
        timer = "[Unit]\nDescription=Timer\n" + _section(draw, "Timer", draw(st.sampled_from((1, 1, 2))))
        timer += draw(st.sampled_from(("", "[Install]\nWantedBy=timers.target\n")))
        script += f"cat >/etc/systemd/system/q.timer <<'END'\n{timer}END\n"
    script += draw(st.sampled_from(("systemctl daemon-reload\n", "systemctl daemon-reload\n", "")))
    act = draw(st.sampled_from(_ACTS))
    if kind == "timer":
        act = draw(
            st.sampled_from(
                (
                    "systemctl start q.timer; echo $?",
                    "systemctl enable --now q.timer; echo $?",
                    "systemctl start q.timer; systemctl stop q.timer; echo $?",
                )
            )
        )
    return f"{script}{act}\n{_UNIT_SHOWN.replace('KIND', kind)}"


def _question() -> st.SearchStrategy[Question]:
    """Return random questions."""
    scripts = st.one_of(_kubelet(), _sysctl(), _unit())
    return scripts.map(lambda script: Question("settings", script, timeout=25))


AREA = Area("settings", _question, setup=_SETUP, before=_BEFORE)
