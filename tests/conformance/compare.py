"""Compare two answers: equal, a different text, another exit code, a wrong verdict."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.conformance.model import Answer, Recording
from tests.conformance.normalize import normalize

__all__ = ["Comparison", "Figures", "compare", "figures"]

#: Answers that take longer than this test patience, and must be slow on both sides, in s.
SLOW = 3.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The simulator's answer beside the recorded one."""

    phase: str
    recorded: Answer
    simulated: Answer
    difference: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether every line and the exit code are the same."""
        return not self.difference and self.same_code

    @property
    def same_code(self) -> bool:
        """Whether the exit codes are the same."""
        return self.recorded.rc == self.simulated.rc

    @property
    def wrong_verdict(self) -> bool:
        """Whether one succeeds and the other fails."""
        return (self.recorded.rc == 0) != (self.simulated.rc == 0)

    @property
    def same_patience(self) -> bool:
        """Whether both answer at once, or both make their user wait."""
        return (self.recorded.seconds > SLOW) == (self.simulated.seconds > SLOW)

    @property
    def name(self) -> str:
        """The phase, the node and the command, in one line."""
        node = "" if self.recorded.node == "control-plane" else f" ({self.recorded.node})"
        return f"{self.phase}{node}: {self.recorded.run}"


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of `total` comparisons are equal, have equal exit codes, and so on."""

    total: int
    equal: int
    codes: int
    wrong: int
    patience: int


def figures(comparisons: Iterable[Comparison]) -> Figures:
    """Count."""
    every = list(comparisons)
    return Figures(
        total=len(every),
        equal=sum(each.equal for each in every),
        codes=sum(each.same_code for each in every),
        wrong=sum(each.wrong_verdict for each in every),
        patience=sum(each.same_patience for each in every),
    )


def compare(recorded: Recording, simulated: Recording) -> list[Comparison]:
    """Compare the answers of one phase that both sides have."""
    answers = {(answer.node, answer.run): answer for answer in simulated.answers}
    return [
        Comparison(recorded.phase, answer, other, tuple(_difference(answer, other)))
        for answer in recorded.answers
        if (other := answers.get((answer.node, answer.run))) is not None
    ]


def _difference(one: Answer, other: Answer) -> Iterable[str]:
    yield from _lines("", one.stdout, other.stdout)
    yield from _lines("2> ", one.stderr, other.stderr)


def _lines(mark: str, one: Sequence[str], other: Sequence[str]) -> Iterable[str]:
    for line in difflib.unified_diff(normalize(one), normalize(other), n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield line[0] + mark + line[1:]
