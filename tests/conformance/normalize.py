"""Remove from answers whatever must differ between any two clusters; everything else has to be equal.

These parts differ: ages, times and durations; ids, hashes and random suffixes; assigned addresses; versions of
objects; sizes and counters of etcd's file and log; the machine (kernel, memory, processors, IPv6); process ids;
column widths; and random orders. Random orders are those of containers in crictl's tables (by the second of their
start), of component statuses, and of pods whose names differ only in their suffix.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

__all__ = ["normalize"]

#: The alphabet of Kubernetes' random suffixes and template hashes (apimachinery's `rand`).
_SAFE = "[bcdfghjklmnpqrstvwxz2456789]"
_ADDRESS = r"(?:10\.244|172\.\d+|192\.168)\.\d+\.\d+"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"

_RULES: Sequence[tuple[str, str]] = (
    (r"\x1b\[[0-9;]*m", ""),
    # times
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d(?: UTC)?)?", "<time>"),
    (rf"\b\w{{3}}, \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d (?:[+-]\d{{4}}|GMT)", "<time>"),
    (r"\b(?:\w{3} )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<time>"),
    (rf"\b{_MONTH} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?", "<time>"),
    (r"\b([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", r"\1<time> "),
    (r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) <time>", "<time>"),
    # ids and hashes
    (r"(?<![0-9a-zA-Z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uid>"),
    (r"\bapiserver-[a-z2-7]{26}\b", "apiserver-<id>"),
    (r"\b0x[0-9a-f]{8,}", "<id>"),
    (r"\bsha256:[0-9a-f]{12,64}\b", "<hash>"),
    (r"(?<![0-9a-zA-Z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{12,128}(?![0-9a-zA-Z])", "<id>"),
    (r"\b\d{17,20}\b", "<id>"),
    (r"((?:pod-template|controller-revision)-hash(?:[=:] ?\"?| -> ))[a-z0-9]+", r"\1<hash>"),
    (rf"(?<=[a-z0-9])-{_SAFE}{{8,10}}-{_SAFE}{{5}}\b", "-<hash>-<random>"),
    (rf"(?<=[a-z0-9])-{_SAFE}{{8,10}}\b", "-<hash>"),
    (rf"(?<=[a-z0-9])-{_SAFE}{{5}}\b", "-<random>"),
    (r"\bveth[0-9a-f]{8}\b", "veth<id>"),
    (r"^( +)[A-Za-z0-9+/]{64}$", r"\1<base64>"),
    (r"\b[0-9A-F]{16}:error:", "<id>:error:"),
    # which of the two a client sees of a connection that the server closes is a race
    (
        r"(error reading server preface: )(?:EOF|[^\"]*: connection reset by peer|connection reset by peer)",
        r"\1<closed>",
    ),
    (r"(io\.kubernetes\.container\.hash(?: -> |\": \"))[0-9a-f]+", r"\1<hash>"),
    # ages and durations that are words of their own
    (r"(?<![^\s(\"])(?:\d+(?:\.\d+)?(?:y|d|h|min|ms|us|µs|m|s))+(?![^\s),;\"])", "<age>"),
    (r"(?:About |Less than )?(?:an?|\d+) (?:second|minute|hour|day)s?\b", "<age>"),
    (r"<age>(?: <age>)+", "<age>"),
    (r"\bafter \d+ ms\b", "after <age>"),
    (r"\b\d+ milliseconds\b", "<age>"),
    # addresses
    (r"\b10\.96\.(?!0\.1\b|0\.10\b)\d+\.\d+\b(?!/)", "<service>"),
    (r"\b(?:172\.\d+|192\.168)\.\d+\.\d+/(?:16|20)\b", "<address>/<n>"),
    (rf"\b{_ADDRESS}\b", "<address>"),
    (r"\bm=\+[\d.]+", "m=<n>"),
    (r"\b127\.0\.0\.1:[345]\d{4}\b", "127.0.0.1:<port>"),
    (r"\b(?:fc00|fd00|fe80|fdaa):[0-9a-f:]*[0-9a-f]", "<address>"),
    (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
    # versions of objects
    (r"(\"?resourceVersion\"?: ?)\"\d+\"", r"\1<version>"),
    (r"(Resource Version: +)\d+", r"\1<version>"),
    (r"(\"(?:revision|raft_term|raftTerm|raftIndex|raftAppliedIndex|dbSize|dbSizeInUse)\":)\d+", r"\1<n>"),
    # the machine
    (r"\b[56]\.\d+\.\d+[\w.+-]*", "<kernel>"),
    (r"#\d+\S* SMP PREEMPT\S* .*?(?= x86_64|$)", "<build>"),
    (r"^(overlay +)\d+ +\d+ +\d+ +\d+%", r"\1<n>"),
    (r" +\d+ +0 --:--:-- --:--:-- --:--:-- +\d+", " <speed>"),
    (r"(\bsize\"?: \")\d+", r"\1<n>"),
    (r"\bDevice: \S+\s+Inode: \d+", "Device: <n> Inode: <n>"),
    (r"\b\d{5,}Ki\b", "<size>"),
    (r"\b[\d.]+MB$", "<size>"),
    (r"(ephemeral-storage: +)\d{6,}", r"\1<size>"),
    (r"(\bcpu: +)\d+$", r"\1<n>"),
    (r"\(\d+%\)", "(<n>%)"),
    (r"\b(pid[=: ])\d+", r"\1<n>"),
    (r"@if\d+", "@if<n>"),
    (r"^\d+: (?=\w+[@:])", "<n>: "),
    (r"^((?:> ?)?(?:Main PID|Tasks|Memory|CPU):).*", r"\1 <n>"),
)
_COMPILED = tuple((re.compile(pattern), by) for pattern, by in _RULES)
#: Whether IPv6 is there depends on the machine.
_ONLY_SOME = re.compile(r"net\.ipv6\.conf\.all\.forwarding = 0$")
#: Columns of `etcdctl endpoint status` with measured values: sizes, share, term, index, applied index.
_MEASURED = (4, 5, 6, 10, 11, 12)


def normalize(lines: Sequence[str]) -> list[str]:
    """Return `lines` of an output without the parts that must differ."""
    done = [_line(line) for line in lines if not _ONLY_SOME.search(line)]
    if done and done[0].startswith(("CONTAINER ", "POD ID ", "NAME STATUS MESSAGE")):
        end = len(done) - (done[-1] == "")
        done[1:end] = sorted(done[1:end])
    return _alike_sorted(done)


def _alike_sorted(lines: Sequence[str]) -> list[str]:
    """Sort neighbours whose names differ only in a random suffix, since their order is random."""
    done: list[str] = []
    for name, group in groupby(lines, key=_random_name):
        members = list(group)
        done += sorted(members) if name else members
    return done


def _random_name(line: str) -> str:
    found = re.match(r"(?:\S+ )?\S*<(?:random|hash)> ", line)
    return found.group() if found else ""


@lru_cache(maxsize=20_000)
def _line(line: str) -> str:
    line = _etcd_status(line)
    for pattern, by in _COMPILED:
        line = pattern.sub(by, line)
    return _narrow(line)


def _narrow(line: str) -> str:
    """Shorten runs of spaces and of dashes behind the indentation."""
    bare = line.lstrip(" ")
    indent = line[: len(line) - len(bare)]
    return (indent + re.sub(r"[ \t]+", " ", re.sub(r"-{4,}", "---", bare))).rstrip()


def _etcd_status(line: str) -> str:
    if "127.0.0.1:2379" not in line:
        return line
    for separator in ("|", ","):
        fields = line.split(separator)
        shift = separator == "|"
        if len(fields) >= 15:
            return separator.join(
                " <n> " if index - shift in _MEASURED else field for index, field in enumerate(fields)
            )
    return line
