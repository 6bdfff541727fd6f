"""Calls of the node's programs, with flags and words drawn from their own help pages."""

import functools
import re

from hypothesis import strategies as st

from lab.cluster.sim.commands.node.help_pages import page
from tests.differential.generators.values import Draw
from tests.differential.model import Area, Question

__all__ = ["AREA"]


#: Pages whose flags are tried, with words that fit: objects, names, mistakes. `|` is the end of a pipe that sorts.
_CALLS: dict[str, tuple[str, ...]] = {
    "crictl ps": ("", "x"), "crictl pods": ("", "x"), "crictl images": ("", "agnhost", "x"), "crictl inspect": ("", "x"),
    "crictl logs": ("x", ""), "crictl exec": ("x", "x ls"), "crictl rmi": ("x", ""), "crictl stats": ("x",),
    "etcdctl get": ("x", "", "a b", "a b c"), "etcdctl del": ("nosuch", ""), "etcdctl member list": ("", "x"),
    "etcdctl alarm list": ("", "x"), "etcdctl endpoint health": ("",), "etcdctl lease list": ("",), "etcdctl user list": ("",),
    "etcdctl put": ("", "x", "a b c"), "etcdctl compaction": ("x", "", "0"), "etcdutl snapshot status": ("x", ""),
    "systemctl status": ("nosuch", "kubelet nosuch"), "systemctl show": ("kubelet -p Id", "nosuch -p LoadState"),
    "systemctl is-active": ("kubelet", "nosuch", "kubelet containerd", ""), "systemctl is-enabled": ("kubelet", "nosuch", ""),
    "systemctl list-units": ("'kube*'", "nosuch"), "systemctl cat": ("nosuch", "kubelet"), "systemctl list-timers": ("nosuch",),
    "journalctl": ("-u nosuch", "-u kubelet -n 0", "-n 0", "-k -n 0"), "sysctl": ("net.ipv4.ip_forward", "nosuch", "-a --pattern x.x", "kernel.hostname", "net.ipv4", ""),
    "ip addr": ("show dev lo", "show dev nosuch", "help", "nosuch"), "ip link": ("show lo", "show nosuch", "nosuch"),
    "ip route": ("get 127.0.0.1", "get x", "show default", "nosuch"), "iptables": ("-L nosuch", "-t nosuch -L", "-S FORWARD", "-P FORWARD", "-L INPUT -n x"),
    "ls": ("/etc/kubernetes", "nosuch", "/etc/hosts"), "date": ("-d @0", "+%Y", "nosuch"), "stat": ("/etc/hosts", "nosuch"),
    "df": ("nosuch", "/"), "free": ("x",), "id": ("root", "nosuch"), "uname": ("", "x"), "ps": ("-p 1", "-C nosuch", "x y"),
    "curl": ("http://127.0.0.1:1", "x://y", "", "http://127.0.0.1:10248/healthz"), "pgrep": ("nosuch", ""), "hostname": ("",), "ping": ("-c 1 x.invalid", ""),
    "nsenter": ("-t 99999999 -n true", ""), "ss": ("-H sport = :1", "nosuch"), "openssl": ("nosuch", "x509 -in nosuch"), "head": ("nosuch", "/etc/hostname"),
    "tail": ("nosuch",), "sort": ("nosuch", "/etc/hosts"), "cut": ("-f1 /etc/hosts", "x"), "wc": ("/etc/hosts", "nosuch"), "grep": ("x /etc/hosts", "localhost nosuch"),
    "sed": ("-n p nosuch", "x /etc/hosts"), "find": ("/etc/kubernetes/manifests", "nosuch"), "tar": ("-tf nosuch", ""), "du": ("-s nosuch",), "mount": ("nosuch", "x y"),
}  # fmt: skip
_VALUES = ("", "x", "1", "0", "-1", "json", "yaml", "table", "kubelet", "10s", "/etc/hosts")
#: Flags that remove the node's images, which all later questions need.
_OF_ALL = {"-a", "--all", "-q", "--prune"}
_FLAG = re.compile(r"^\s{0,8}(?:(-\w)(?:, )?)?(--[a-z][\w-]+)?((?:[= ]|\[=)<?[A-Za-z\"\[]\S*)?", re.MULTILINE)
_COMMON = (
    "-h",
    "--help",
    "--version",
    "-x",
    "--nosuch",
    "-o json",
    "-q",
    "-v",
    "-n",
    "-o",
    "--no-pager",
    "--all",
    "-a",
    "-l",
    "-1",
    "--",
)


@functools.cache
def _flags(words: str) -> tuple[str, ...]:
    """Return the flags of the help page about `words`; those with a value end with `=`."""
    for length in range(len(words.split()), 0, -1):
        try:
            text = page(" ".join(words.split()[:length]))
        except KeyError:
            continue
        found = []
        for short, long, rest in _FLAG.findall(text):
            found += [
                flag + ("=" if rest.strip() and flag.startswith("--") else "") for flag in (short, long) if flag
            ]
        return tuple(
            dict.fromkeys(
                each for each in found if each not in {"-f", "--follow", "--watch", "-w", "--watch-only"}
            )
        )
    return ()


@st.composite
def _question(draw: Draw) -> Question:
    """Return a random call."""
    words = draw(st.sampled_from(sorted(_CALLS)))
    flags = (*_flags(words), *_COMMON)
    chosen = []
    for _ in range(draw(st.sampled_from((0, 1, 1, 2)))):
        flag = draw(st.sampled_from(flags))
        if words == "crictl rmi" and flag in _OF_ALL:
            continue
        chosen.append(flag + draw(st.sampled_from(_VALUES)) if flag.endswith("=") else flag)
    line = " ".join([words, *chosen, draw(st.sampled_from(_CALLS[words]))]).strip()
    return Question("programs", f"{line} >/tmp/out; code=$?; head -n 60 /tmp/out; exit $code", timeout=10)


AREA = Area("programs", _question)
