"""The current points are the same wherever they are shown, with the cost of help."""

import pytest

from lab.core.session import Earned
from lab.core.standing import Standing, of_session
from lab.lab import Lab
from tests.fakes import Kluster, kluster

__all__ = ["kluster"]

BROKEN = "0 of 100 points"
#: Both repaired after a hint of 10 % for port (40 points) and with the solution of starboard (40 points).
HELPED = "48 of 100 points (hints took 4, solutions 40)"


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        (Standing(0, 100), "0 of 100 points"),
        (Standing(36.5, 100, hints=3.5), "36.5 of 100 points (hints took 3.5)"),
        (Standing(40, 100, solutions=20), "40 of 100 points (solutions took 20)"),
        (Standing(40, 100, 4, 20), "40 of 100 points (hints took 4, solutions 20)"),
    ],
)
def test_in_words(standing: Standing, text: str) -> None:
    assert standing.text == text


def test_before_the_first_look_there_are_none(kluster: Kluster) -> None:
    kluster.broken()

    assert of_session(Lab.open("kluster005").session) is None
    assert kluster("status", "--json").data["points"] is None


def test_check_and_status_say_the_same(kluster: Kluster) -> None:
    kluster.broken()
    assert BROKEN in kluster("check").out
    assert BROKEN in kluster("status").out
    lab = Lab.open("kluster005")
    for _ in range(2):
        lab.hint("port")
    assert "hints take 10 % of what it earns: 0 points" in kluster("check").out
    assert "(-10 %)" in kluster("status").out
    assert kluster("solve", "starboard", "--yes").code == 0
    lab.cluster.control_plane.run(["mend", "left"])

    assert HELPED in kluster("check").out
    assert HELPED in kluster("status").out
    data = kluster("status", "--json").data
    assert (data["points"], data["maximum"], data["hints_took"], data["solutions_took"]) == (48, 100, 4, 40)
    assert data["looked"]


def test_what_help_takes_shows_without_another_look(kluster: Kluster) -> None:
    kluster.broken()
    lab = Lab.open("kluster005")
    lab.cluster.control_plane.run(["mend", "left"])
    assert "40 of 100 points" in kluster("check").out
    for _ in range(2):
        lab.hint("port")

    assert "36 of 100 points (hints took 4)" in kluster("status").out


def test_in_an_exam_there_are_none_until_it_is_over(kluster: Kluster) -> None:
    kluster.broken("exam")
    lab = Lab.open("kluster005")
    with lab.store.update() as session:
        session.earned, session.maximum = {"left": Earned(points=40, maximum=40)}, 92
    assert of_session(lab.session) is None
    assert kluster("status", "--json").data["points"] is None
    lab.cluster.control_plane.run(["mend", "left", "right"])
    lab.submit()

    assert "92 of 100 points" in kluster("status").out
