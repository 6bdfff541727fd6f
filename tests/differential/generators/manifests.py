"""Files in the kubelet's manifest folder: names, copies, links, moves, other kinds, broken YAML.

Each question has files and pods of a name of its own, so that a real node answers many questions at once. `/root/told`
prints what a question has caused: the containers and their states, the pods in the API, the last words of a container
that has ended, and the kubelet's lines that name a file or a pod of the question.
"""

import hashlib

from hypothesis import strategies as st

from tests.differential.generators.values import Draw

__all__ = ["SETUP", "manifest", "named"]

_FOLDER = "/etc/kubernetes/manifests"
_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53"

#: `told NAME SECONDS` prints what runs and what was logged since that time. `pod NAME ARGUMENT` writes a manifest.
SETUP = rf"""
cat >/root/told <<'END'
label='.labels["io.kubernetes.pod.name"]'
# A container that has ended stays for up to a minute: it counts while its pod is there and nothing of it runs.
rows() {{
  all=$(crictl ps -a -o json | jq -r ".containers[]|$label+\" \"+.metadata.name+\" \"+.state+\" \"+.id" | grep "^$1")
  echo "$all" | grep RUNNING
  for pod in $(echo "$all" | grep EXITED | cut -d' ' -f1 | sort -u); do
    echo "$all" | grep -q "^$pod .*RUNNING" || {{ kubectl get pods -A --no-headers | grep -q " $pod " && echo "$all" | grep "^$pod .*EXITED"; }}
  done
}}
rows $1 | cut -d' ' -f1-3 | sort -u
for id in $(rows $1 | grep RUNNING | cut -d' ' -f4); do crictl inspect $id | jq -c .info.config.args; done
kubectl get pods -A --no-headers 2>&1 | awk -v name=$1 'index($2,name)==1 {{print $1,$2,$3,$4}}' | sed 's/Error$/CrashLoopBackOff/'
for id in $(rows $1 | grep EXITED | head -n 1 | cut -d' ' -f4); do
  crictl logs $id 2>&1 | grep -v '^[IW][0-9]\|"level":"\(info\|warn\)' | sed -E 's/^([A-Z])[0-9]{{4}} [0-9:.]+ +[0-9]+ /\1 /; s/"ts":"[^"]*"//' | head -n 3
done
journalctl -u kubelet --since @$2 -o cat | grep '^[EW]' | grep -F $1 |
  grep -v 'status_manager\|pod_workers\|log.go\|event.go\|kuberuntime\|prober\|file.go:108\|already exists\|rate limiter' |
  sed -E 's/^([A-Z])[0-9]{{4}} [0-9:.]+ +[0-9]+ /\1 /' | sort -u | head -n 8
END
cat >/root/pod <<'END'
cat <<TEXT
apiVersion: v1
kind: Pod
metadata:
  name: $1
spec:
  hostNetwork: true
  containers:
  - name: c
    image: {_IMAGE}
    args: [${{2:-pause}}]
TEXT
END
"""

#: Edits of a manifest, right and wrong, as sed has them.
_EDITS = (
    "s/^metadata:/metadata;/", "s/kind: Pod/kind: Deployment/", "s/kind: Pod/kind: pod/", "s/kind: Pod/kind: Service/",
    "s/kind: Pod/kind: List/", "s/kind: Pod/kind: PodTemplate/", "s/: v1/: v2/", "s/: v1/: apps\\/v1/", "s/: v1/: V1/", "1d", "2d", "3d", "4d",
    "5d", "7d", "8d", "9d", "10d", "s/image:/imagee:/", "s/image:/Image:/", "s/    image/\\timage/", "s/    image/   image/",
    "s/    image/     image/", "s/image: /image:/", "s/name: c/name: C_x/", "s/name: c/name: 7/", 's/name: c/name: ""/',
    "s/spec:/Spec:/", "s/spec:/spec/", "s/\\[pause\\]/[pause/", "s/\\[pause\\]/pause/", "s/\\[pause\\]/[1]/", "s/\\[pause\\]/[nosuch]/",
    's/\\[pause\\]/["pause]/', "s/\\[pause\\]/{a: b}/", "s/\\[pause\\]/null/", "s/  name: s/  namespace: nosuch\\n&/",
    "s/  name: s/  namespace: kube-system\\n&/", "s/  name: s/  namespace: A_b\\n&/", "s/  name: s/  labels: {a: b, c: 1}\\n&/",
    "s/  name: s/  labels: {a: b c}\\n&/", "s/  name: s/  annotations: {a: true}\\n&/", "s/  name: s/  uid: abc\\n&/",
    "s/  name: s/  name: A_/", "s/hostNetwork: true/hostNetwork: yes/", 's/hostNetwork: true/hostNetwork: "true"/',
    "s/hostNetwork: true/hostnetwork: true/", "s/hostNetwork: true/restartPolicy: Sometimes/", "s/hostNetwork: true/restartPolicy: Never/",
    "s/hostNetwork: true/extra: 1/", "s/hostNetwork: true/serviceAccountName: default/", "s/hostNetwork: true/dnsPolicy: X/",
    "s/hostNetwork: true/volumes: [{name: v, secret: {secretName: x}}]/", "s/hostNetwork: true/volumes: [{name: v, configMap: {name: x}}]/",
    "s/hostNetwork: true/volumes: [{name: v, hostPath: {path: \\/etc}}]/", "s/hostNetwork: true/volumes: [{name: V, emptyDir: {}}]/",
    "s/hostNetwork: true/nodeName: elsewhere/", "s/hostNetwork: true/priorityClassName: system-node-critical/",
    "s/hostNetwork: true/priorityClassName: nosuch/", "s/hostNetwork: true/nodeSelector: {a: b}/", "s/hostNetwork: true/nodeSelector: x/",
    "s/hostNetwork: true/terminationGracePeriodSeconds: -1/", "s/hostNetwork: true/terminationGracePeriodSeconds: 1s/",
    "s/hostNetwork: true/activeDeadlineSeconds: 0/", "s/hostNetwork: true/hostNetwork: true\\n  hostNetwork: false/",
    "s/    args:/    ports: [{containerPort: 70000}]\\n&/", 's/    args:/    ports: [{containerPort: "80"}]\\n&/',
    "s/    args:/    ports: [{name: web}]\\n&/", "s/    args:/    env: [{name: A, value: 1}]\\n&/", "s/    args:/    env: [{name: 1 2, value: x}]\\n&/",
    "s/    args:/    env: [{name: A, valueFrom: {configMapKeyRef: {name: a, key: b}}}]\\n&/", "s/    args:/    imagePullPolicy: Seldom\\n&/",
    "s/    args:/    volumeMounts: [{name: nosuch, mountPath: \\/x}]\\n&/", "s/    args:/    resources: {requests: {cpu: lots}}\\n&/",
    "s/    args:/    resources: {limits: {cpu: 1}, requests: {cpu: 2}}\\n&/", "s/    args:/    securityContext: {privileged: perhaps}\\n&/",
    "s/    args:/    livenessProbe: {httpGet: {port: 0}}\\n&/", "s/    args:/    livenessProbe: {periodSeconds: 1}\\n&/",
    "s/    args:/    command: [\\/nosuch]\\n&/", "s/    args:/    tty: 1\\n&/", "s/  containers:/  initContainers: []\\n&/", "s/  containers:/  Containers:/",
    "s/  containers:/  containers: []\\n  x:/", "s/  - name: c/  - {name: c, image: x}\\n&/", "s/^kind.*/&\\n&/", "1i---", "1i# pod", "$a---", "$a...",
    "$astatus: {phase: Running}", "$anonsense", "$akey: [", "1i%YAML 1.1", "s/^/ /", "s/$/ /", "s/$/\\r/", "1!s/^/\\t/", "s/: /:\\t/", "1i\\xef\\xbb\\xbf",
)  # fmt: skip
_NAMES = ("$q.yaml", "$q.yaml", "$q.yml", "$q.json", "$q", "$q.yaml.bak", "$q.yaml~", ".$q.yaml", "#$q.yaml#", ".$q.yaml.swp", "$q.yaml.rpmnew",
          "$q.txt", "'$q x.yaml'", "..$q")  # fmt: skip


def named(script: str) -> str:
    """Return the script with a name of its own in `$q`, and the time of its start in `$t`."""
    return f"q=s{hashlib.sha256(script.encode()).hexdigest()[:7]}; t=$(date +%s); cd {_FOLDER}\n{script}"


def _edit(draw: Draw) -> str:
    chosen = draw(st.sampled_from((0, 1, 1, 1, 2)))
    return "".join(f" | sed '{draw(st.sampled_from(_EDITS))}'" for _ in range(chosen))


def _placed(draw: Draw) -> str:
    """Return lines that put one manifest into the folder, in one way or another."""
    name, edit = draw(st.sampled_from(_NAMES)).replace("'", ""), _edit(draw)
    made = f"bash /root/pod $q{edit} >/root/$q"
    how = draw(st.integers(0, 9))
    if how == 0:
        return f'{made}; ln -s /root/$q "{name}"'
    if how == 1:
        return f"{made}; mkdir $q.d; mv /root/$q $q.d/x.yaml"
    if how == 2:
        other: str = draw(st.sampled_from(('ln -s /nosuch "$q.yaml"', "mkdir $q.yaml", ">$q.yaml", "ln -s /etc $q.yaml",
                                     'printf "{}" >$q.yaml', 'printf "[]" >$q.yaml', "echo hello >$q.yaml", "echo '---' >$q.yaml",
                                     "kubectl -n shop get deploy web -o yaml >/root/$q; mv /root/$q $q.yaml",
                                     "{ bash /root/pod $q; echo ---; bash /root/pod $q-b; } >/root/$q; mv /root/$q $q.yaml")))  # fmt: skip
        return other
    return f'{made}; mv /root/$q "{name}"'


def _then(draw: Draw) -> str:
    """Return lines that change what is there after a while."""
    changed: str = draw(
        st.sampled_from(
            (
                "bash /root/pod $q 'netexec, --http-port=0, --udp-port=-1' >/root/$q; mv /root/$q $q.yaml",
                "bash /root/pod $q 'netexec, --http-port=0, --udp-port=-1' >/root/$q; mv /root/$q a-$q.yaml",
                "bash /root/pod $q 'netexec, --http-port=0, --udp-port=-1' >/root/$q; mv /root/$q z-$q.yaml",
                "cp $q.yaml z-$q.yaml", "cp $q.yaml $q.yaml.bak", "cp $q.yaml .$q.yaml",
                "mv $q.yaml /root/$q", "mv $q.yaml .$q.yaml", "mv $q.yaml $q.yaml.off", "rm $q.yaml", "touch $q.yaml",
                "mv $q.yaml /root/$q; sleep 12; mv /root/$q $q.yaml", "mkdir old-$q; mv $q.yaml old-$q", ">$q.yaml",
                "sed 's/pause/netexec, --http-port=0, --udp-port=-1/' $q.yaml >/root/$q; mv /root/$q $q.yaml", "chmod 000 $q.yaml", "rm /root/$q",
                "sed 's/^metadata:/metadata;/' $q.yaml >/root/$q; mv /root/$q $q.yaml",
                "sed 's/name: c/name: other/' $q.yaml >/root/$q; mv /root/$q $q.yaml", "echo '# x' >>$q.yaml", "ln -s $q.yaml z-$q.yaml",
                "kubectl delete pod $q-$(hostname) --wait=false", "kubectl label pod $q-$(hostname) a=b", "crictl rmp -f $(crictl pods -q --name $q)",
                "crictl stop $(crictl ps -q --label io.kubernetes.pod.name=$q-$(hostname))",
            )
        )
    )  # fmt: skip
    return changed


@st.composite
def manifest(draw: Draw) -> str:
    """Return a script that puts manifests into the folder, waits, and prints what became of them."""
    lines = [_placed(draw)]
    if draw(st.booleans()):
        if draw(st.booleans()):
            lines = ["bash /root/pod $q >/root/$q; cp /root/$q $q.yaml.part; mv $q.yaml.part $q.yaml"]
        lines += ["sleep 8", _then(draw)]
    lines += ["sleep 35", "bash /root/told $q $t"]
    lines += ["rm -rf ./*$q* ./.*$q* /root/$q"]
    return named("\n".join(lines))
