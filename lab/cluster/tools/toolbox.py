"""Tools that upstream node images lack: etcd's tools, an editor, a pager, completion for bash.

Everything comes from the node itself, so no internet is needed, and it fits the node's architecture:

- `etcdctl` and `etcdutl` (static programs) come from the running etcd container, or else from etcd's image;
- `vi` and `less` come from the busybox in the image of agnhost, which the workloads run. Upstream's is Alpine's,
  linked against musl; musl's loader is its C library, so these two files need no root file system.
"""

from collections.abc import Sequence
from pathlib import Path

from lab.cluster.base import Node
from lab.errors import LabError

__all__ = ["AGNHOST", "MARKS", "install", "integration"]

#: The image of the workloads. Upstream node images lack it, so it is pulled here.
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"

_LIMIT = 150

#: Set in the environment of the lab's own shells. They then mark their commands for the terminal.
MARKS = "LAB_MARKS"
_MARKS_ON_NODE = "/usr/local/share/prompt-marks.bash"

#: A bash script for each node. It prints a line for each tool that it could not get, and continues.
_SCRIPT = r"""
set -u
bin=/usr/local/bin lib=/usr/local/lib/busybox
missing() { ! command -v "$1" >/dev/null; }
place() { cp -L -- "$1" "$2.new" && chmod 755 "$2.new" && mv -f -- "$2.new" "$2"; }

mounted=
with_image() {  # PATTERN FUNCTION: call it with the root of the node's first image that matches
  local image snapshotter
  image=$(ctr -n k8s.io images ls -q 2>/dev/null | grep -m1 -- "$1") || return
  snapshotter=$(sed -n 's/^ *snapshotter *= *["'\'']\(.*\)["'\'']$/\1/p' /etc/containerd/config.toml | head -n1)
  mounted=$(mktemp -d)
  ctr -n k8s.io images mount --snapshotter "${snapshotter:-overlayfs}" "$image" "$mounted" >/dev/null 2>&1 &&
    "$2" "$mounted"
  local rc=$?
  ctr -n k8s.io images unmount --rm "$mounted" >/dev/null 2>&1
  rmdir "$mounted"
  return $rc
}

etcd_tools() {
  for tool in etcdctl etcdutl; do
    if missing $tool; then place "$1/usr/local/bin/$tool" $bin/$tool 2>/dev/null || return; fi
  done
}
etcd_tools_of_container() {
  local id pid
  id=$(crictl ps -q --name '^etcd$' 2>/dev/null | head -n1) && [ -n "$id" ] || return
  pid=$(crictl inspect -o go-template --template '{{.info.pid}}' "$id" 2>/dev/null) && etcd_tools "/proc/$pid/root"
}

editor() {
  local busybox loader
  for busybox in "$1/bin/busybox" "$1/usr/bin/busybox"; do [ -f "$busybox" ] && break; done
  mkdir -p $lib && place "$busybox" $lib/busybox 2>/dev/null || return
  for loader in "$1"/lib/ld-musl-*.so.1; do
    if [ -f "$loader" ]; then place "$loader" "$lib/${loader##*/}" || return; fi
  done
  loader=$(echo $lib/ld-musl-*.so.1); [ -f "$loader" ] || loader=
  for tool in vi less; do
    if missing $tool; then
      $loader $lib/busybox --list | grep -qx $tool || return
      printf '#!/bin/sh\nexec %s %s %s "$@"\n' "$loader" $lib/busybox $tool >$bin/$tool && chmod 755 $bin/$tool
    fi
  done
}

if missing etcdctl || missing etcdutl; then
  etcd_tools_of_container || with_image '/etcd:' etcd_tools ||
    echo "etcdctl and etcdutl could not be taken from etcd's image."
fi
if ! crictl inspecti -q "$AGNHOST" >/dev/null 2>&1; then
  timeout 120 crictl pull "$AGNHOST" >/dev/null 2>&1 || echo "$AGNHOST is not there, and can't be pulled."
fi
if missing vi || missing less; then
  with_image "${AGNHOST%:*}:" editor || echo "vi and less could not be taken from the image of agnhost."
fi

if [ ! -f /etc/crictl.yaml ]; then
  echo 'runtime-endpoint: unix:///run/containerd/containerd.sock' >/etc/crictl.yaml
fi
kubectl completion bash >/usr/local/share/kubectl.bash 2>/dev/null || echo "kubectl prints no completion for bash."
crictl completion bash >/usr/local/share/crictl.bash 2>/dev/null || rm -f /usr/local/share/crictl.bash
cat >/etc/profile.d/kubectl.sh <<'PROFILE'
case $-${BASH_VERSION-} in *i*[0-9]*) ;; *) return 0 ;; esac
[ -n "${KUBECONFIG-}" ] || [ ! -r /etc/kubernetes/admin.conf ] || export KUBECONFIG=/etc/kubernetes/admin.conf
alias k=kubectl ll='ls -l'
if ! declare -F _get_comp_words_by_ref >/dev/null; then
  if [ -r /usr/share/bash-completion/bash_completion ]; then
    . /usr/share/bash-completion/bash_completion
  else
    # As much of bash-completion as kubectl's own completion calls.
    _get_comp_words_by_ref() {
      read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
      [[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]] || words+=("")
      cword=$((${#words[@]} - 1)) cur=${words[-1]} prev=
      [ "$cword" -lt 1 ] || prev=${words[cword - 1]}
    }
    __ltrim_colon_completions() {
      [[ $1 == *:* && $COMP_WORDBREAKS == *:* ]] || return 0
      COMPREPLY=("${COMPREPLY[@]#"${1%"${1##*:}"}"}")
    }
  fi
fi
for _file in /usr/local/share/{kubectl,crictl,prompt-marks}.bash; do
  [ ! -r "$_file" ] || . "$_file"
done
unset _file
complete -o default -F __start_kubectl k
PROFILE
# A shell that is no login shell (docker exec) reads this one alone.
grep -qs profile.d/kubectl.sh /root/.bashrc || echo '. /etc/profile.d/kubectl.sh' >>/root/.bashrc
"""


def install(nodes: Sequence[Node]) -> list[str]:
    """Install the missing tools on all nodes in parallel; return a sentence for each that could not be installed.

    It is safe to call this again.
    """
    with nodes[0].time.side_by_side(len(nodes)) as pool:
        return [warning for warnings in pool.map(_install_on, nodes) for warning in warnings]


def integration() -> str:
    """Return lines for bash's start-up file that make bash mark its commands."""
    return Path(__file__).with_name("integration.bash").read_text(encoding="utf-8")


def _install_on(node: Node) -> list[str]:
    try:
        node.write_file(_MARKS_ON_NODE, integration())
        result = node.run(["bash", "-c", _SCRIPT], timeout=_LIMIT, env={"AGNHOST": AGNHOST})
    except LabError as problem:
        return [f"{node.name}: {problem.title}"]
    warnings = [f"{node.name}: {line}" for line in result.stdout.splitlines()]
    if not result.ok:
        said = result.stderr.strip() or "it printed nothing"
        warnings.append(f"{node.name}: some of its tools could not be installed ({said[-300:]})")
    return warnings
