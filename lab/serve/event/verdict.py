"""The verdict on an attempt's file: whether it is unchanged, and how far it can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from lab import chain
from lab.serve.event.receipts import Receipt, genuine

__all__ = ["Trust", "Verdict", "judge"]

#: Heads come about every 10 s. Lines between two receipts further apart than this are a gap.
_GAP = timedelta(seconds=60)
#: The first lines of every attempt: it began, and the clock started.
_FIRST = 2

#: hosted: lab and grader ran on the server. witnessed: heads reached the server in time. self-reported: neither.
Trust = Literal["hosted", "witnessed", "self-reported"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about an attempt's file."""

    trust: Trust
    #: The reason for a verdict of self-reported; empty otherwise.
    why: str
    lines: int
    head: str
    #: The first problem, with its line; empty for a whole file.
    wrong: str
    #: The number of genuine receipts.
    receipts: int
    #: Stretches of lines that no receipt covers in time.
    gaps: tuple[str, ...]
    #: The number of lines whose data was removed on purpose.
    forgotten: int
    #: Bytes of an unfinished line at the end.
    torn: int

    @property
    def whole(self) -> bool:
        """Whether the file is unchanged."""
        return not self.wrong

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "whole": self.whole,
            "trust": self.trust,
            **{name: getattr(self, name) for name in ("why", "lines", "head", "wrong", "receipts")},
            **{name: getattr(self, name) for name in ("gaps", "forgotten", "torn")},
        }

    @property
    def text(self) -> str:
        """The verdict in words, one line for each finding."""
        whole = f"unchanged, {self.lines} lines" if self.whole else f"CHANGED: {self.wrong}"
        lines = [f"{whole}; {self.trust}{f': {self.why}' if self.why else ''}"]
        lines += [f"  gap: {gap}" for gap in self.gaps]
        if self.forgotten:
            lines.append(f"  {self.forgotten} lines without data: the data of a person was removed")
        if self.torn:
            lines.append(f"  {self.torn} bytes of an unfinished line at the end, as a crash leaves them")
        return "\n".join(lines)


def judge(path: Path, receipts: Sequence[Receipt] = (), key: str = "", *, seat: str = "") -> Verdict:
    """Return the verdict on the attempt at `path`, with the `receipts` of the server with the public `key`.

    `seat` names the hosted seat whose attempt it should be.

    Without a `key` receipts prove nothing: anybody can make a key.

    Raises:
        LabError: there are receipts, and the library that verifies them is not installed.

    """
    found = chain.verify(path)
    mine = {"hosted"} if seat else set()
    own = [
        each
        for each in receipts
        if (found.heads and each.attempt == found.heads[0]) or (each.seat == seat and each.kind in mine)
    ]
    held = sorted(genuine(own, key), key=lambda each: (each.at, each.n)) if key and own else []
    wrong = found.wrong or _contradiction(found, held)
    trust, why = _trust(path, found, held, key=key, given=len(own))
    return Verdict(
        trust=trust,
        why=why,
        lines=found.lines,
        head=found.head,
        wrong=wrong,
        receipts=len(held),
        gaps=tuple(_gaps(found, held, trust)),
        forgotten=found.forgotten,
        torn=found.torn,
    )


def _contradiction(found: chain.Verdict, held: Sequence[Receipt]) -> str:
    """Return where the chain differs from the countersigned one."""
    for each in sorted(held, key=lambda one: one.n):
        at = f"{each.at:%H:%M:%S} UTC"
        if found.heads and each.attempt != found.heads[0]:
            return f"line 1: it is not the one that was countersigned at {at}"
        if each.n > found.lines:
            return f"line {found.lines + 1}: it is missing; at {at} there were {each.n} lines"
        if found.heads[each.n - 1] != each.head:
            return f"line {each.n} or before: it is not the one that was countersigned at {at}"
    return ""


def _trust(
    path: Path, found: chain.Verdict, held: Sequence[Receipt], *, key: str, given: int
) -> tuple[Trust, str]:
    if not held:
        if given and not key:
            return "self-reported", f"{given} receipts, and no key of the server to verify them: give --key"
        return "self-reported", "no receipt of that server" if given else "no receipt"
    if all(each.kind == "hosted" for each in held):
        return "hosted", ""
    covered = max(each.n for each in held)
    if covered < found.lines and chain.last(path).get("kind") == "ended":
        return "self-reported", f"the result has no receipt: only lines 1 to {covered} have"
    return "witnessed", ""


def _gaps(found: chain.Verdict, held: Sequence[Receipt], trust: Trust) -> list[str]:
    """Return the stretches of lines that the server did not see in time; it sees its own lines at once."""
    gaps = []
    if not held:
        return []
    if trust != "hosted":
        if held[0].n > _FIRST:
            gaps.append(f"lines 1 to {held[0].n}: written before the first receipt, of {_time(held[0])}")
        for before, after in pairwise(held):
            if after.n > before.n and after.at - before.at > _GAP:
                seconds = round((after.at - before.at).total_seconds())
                gaps.append(
                    f"lines {before.n + 1} to {after.n}: written some time in {seconds} s, "
                    f"between {_time(before)} and {_time(after)}"
                )
    covered = max(each.n for each in held)
    if covered < found.lines:
        gaps.append(f"lines {covered + 1} to {found.lines}: after the last receipt, of {_time(held[-1])}")
    return gaps


def _time(receipt: Receipt) -> str:
    return f"{receipt.at:%H:%M:%S} UTC"
