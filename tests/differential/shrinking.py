"""Find the smallest question that two sides answer differently for one cause."""

import contextlib
import re
from collections.abc import Callable

from hypothesis import Phase, given, seed

from tests.differential.areas import hypothesis_settings
from tests.differential.comparing import cause, equal
from tests.differential.model import Area, Pair, Question

__all__ = ["shrunk"]

#: Asks both sides.
Both = Callable[[Question], Pair]


class _Found(Exception):  # noqa: N818 -- no error: it tells hypothesis that an example shows the cause
    pass


def shrunk(area: Area, number: int, count: int, first: Pair, both: Both, most: int = 60) -> Pair:
    """Return a smaller question with the cause of `first`.

    Hypothesis generates the questions of seed `number` again. Up to `first` it gets no answers; from then on both
    sides are asked, at most `most` times.
    """
    wanted, best, asked = cause(first), first, 0
    known: dict[str, bool] = {}

    def shows(question: Question) -> bool:
        nonlocal best, asked
        if question.script not in known:
            if asked >= most:
                return False
            asked += 1
            pair = both(question)
            known[question.script] = not equal(pair) and cause(pair) == wanted
            if known[question.script] and _size(question) < _size(best.question):
                best = pair
        return known[question.script]

    reached = False

    @seed(number)
    @hypothesis_settings(3 * count, Phase.generate, Phase.shrink)
    @given(area.question())
    def test(question: Question) -> None:
        nonlocal reached
        if question == first.question:
            reached = known[question.script] = True
        if reached and shows(question):
            raise _Found

    with contextlib.suppress(_Found):
        test()
    return best


def _size(question: Question) -> int:
    return len(re.sub(r"\s+", " ", question.script))
