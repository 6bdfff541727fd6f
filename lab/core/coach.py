"""The moment for free advice: a wait was cut short, kubectl failed twice, nothing has changed for long.

Pure: commands and the time go in, advice comes out. Times are seconds of any clock that only goes forward.
"""

import re
import shlex
from dataclasses import dataclass
from typing import Literal

__all__ = ["Advice", "Coach", "Occasion", "patience"]

#: An event that a hint may wait for (its `on` in the hint file).
Occasion = Literal["cut-short", "kubectl-failed", "idle"]

#: Seconds that a silent command deserves, as measured on kind: a lost DNS query ends after 20 s, kubectl after up
#: to 60 s while the API server has lost its store.
_PATIENCE = {"kubectl": 60.0, **dict.fromkeys(("curl", "wget", "nslookup", "dig", "host", "getent", "ping"), 20.0)}
#: The shortest time after an edit of its manifest until a static pod is back, in seconds.
_STATIC_POD = 40.0
#: A command that ends earlier was mistyped; nobody waited yet.
_MISTYPED = 1.0
_FAILURES = 2
#: Messages of a kubectl that did not reach the API server, or of an API server that did not reach etcd. Any other
#: failure (a typo, a missing name, a refusal) is an answer.
_UNREACHED = re.compile(
    r"connection to the server|unable to connect|connection refused|no route to host|i/o timeout|handshake timeout"
    r"|client\.timeout|deadline exceeded|\((?:timeout|internalerror|serviceunavailable)\)|etcdserver|\bEOF\b"
    r"|unable to handle the request|unable to return a response",
    re.IGNORECASE,
)
#: Seconds without progress after which a trainee is stuck.
_STUCK = 15 * 60.0

_MANIFESTS = "/etc/kubernetes/manifests"
_WRITES = re.compile(r"\b(?:vi|vim|nano|sed|tee|cp|mv|rm)\b|>")
_LOOKS_FOR_PODS = re.compile(r"\bcrictl\b.*\b(?:ps|pods|logs)\b|\bkubectl\b.*\bget\b.*\bpod")
_BEFORE_A_COMMAND = {"time", "sudo", "nohup", "env", "exec", "command", "watch"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class Advice:
    """A hint to display unasked: its purpose and its occasion."""

    occasion: Occasion
    because: str


def patience(text: str) -> float:
    """Return the seconds that the command line `text` deserves while it says nothing; 0 where that is unknown."""
    return max((_PATIENCE.get(program, 0.0) for program in _programs(text)), default=0.0)


class Coach:
    """Follows a trainee's commands and decides when to advise. Each kind of advice comes once."""

    def __init__(self, now: float) -> None:
        self._given: set[str] = set()
        self._failures = 0
        self._progress = now
        self._edited: float | None = None

    def ended(
        self,
        text: str,
        exit_code: int | None,
        seconds: float,
        now: float,
        *,
        silent: bool,
        said: str = "",
        static_pods: bool = True,
    ) -> Advice | None:
        """Record that a command ended.

        `silent`: it printed nothing; otherwise `said` is its output or the beginning of it. `static_pods`: its
        node runs pods from manifests in files.

        Return the advice that fits, if any.
        """
        programs = _programs(text)
        looked_early = self._looked_too_early(text, now)
        if static_pods and _MANIFESTS in text and _WRITES.search(text):
            self._edited = now
        if exit_code == 130 and silent:
            self._count(programs, reached=False)
            return self._cut_short(programs, seconds) or self._kubectl_failed()
        if exit_code in {0, None}:
            self._count(programs, reached=True)
        elif silent or _UNREACHED.search(said):
            self._count(programs, reached=False)
        return looked_early or self._kubectl_failed()

    def progressed(self, now: float) -> None:
        """Record that a check changed, or that help was taken."""
        self._progress = now

    def idle(self, now: float) -> Advice | None:
        """Return the advice for a trainee who is stuck, once for each such period."""
        if now - self._progress < _STUCK:
            return None
        self._progress = now
        return Advice("idle", f"No objective has changed for {_STUCK / 60:.0f} minutes.")

    def _cut_short(self, programs: list[str], seconds: float) -> Advice | None:
        for program in programs:
            patience = _PATIENCE.get(program, 0.0)
            if _MISTYPED <= seconds < patience:
                because = (
                    f"{program} was cut off after {seconds:.0f} s, before it printed anything; "
                    f"give it {patience:.0f} s."
                )
                return self._once(f"cut-short {program}", Advice("cut-short", because))
        return None

    def _looked_too_early(self, text: str, now: float) -> Advice | None:
        if self._edited is None or not _LOOKS_FOR_PODS.search(text) or now - self._edited >= _STATIC_POD:
            return None
        because = (
            f"A manifest was edited {now - self._edited:.0f} s ago: its pod takes {_STATIC_POD:.0f} s and more."
        )
        return self._once("cut-short manifest", Advice("cut-short", because))

    def _count(self, programs: list[str], *, reached: bool) -> None:
        if "kubectl" in programs:
            self._failures = 0 if reached else self._failures + 1

    def _kubectl_failed(self) -> Advice | None:
        if self._failures < _FAILURES:
            return None
        return self._once("kubectl", Advice("kubectl-failed", f"kubectl failed {self._failures} times in a row."))

    def _once(self, kind: str, advice: Advice) -> Advice | None:
        if kind in self._given:
            return None
        self._given.add(kind)
        return advice


def _programs(text: str) -> list[str]:
    """Return the programs that a command line runs; `k` counts as kubectl."""
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        words = text.split()
    found, first = [], True
    for word in words:
        if set(word) <= set("();<>|&"):
            first = True
        elif first and not _ASSIGNMENT.match(word) and word not in _BEFORE_A_COMMAND:
            found.append("kubectl" if word == "k" else word.rpartition("/")[2])
            first = False
        elif word == "--":
            # The rest runs elsewhere: `kubectl exec POD -- curl ...`.
            first = True
        elif found[-1:] == ["crictl"] and word in _PATIENCE:
            found.append(word)
    return found
