"""A rehearsal over a toy cluster: the transcript, the figures, and leftovers after an error."""

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.places import labs
from tests.fakes import Kluster, ToyCluster, kluster

__all__ = ["kluster"]

NAME = "kluster005-rehearsal"


def rehearse(kluster: Kluster, *argv: str) -> tuple[str, ...]:
    return ("rehearse", str(kluster.scenario), "--backend", "sim", *argv)


def test_it_goes_from_create_to_delete(kluster: Kluster) -> None:
    ran = kluster(*rehearse(kluster))

    assert ran.code == 0
    parts = [line.removeprefix("== ") for line in ran.out.splitlines() if line.startswith("== ")]
    assert parts == [
        *("create", "break", "check broken", "solve", "check solved", "submit", "delete"),
        "toy on sim: as expected",
    ]
    assert "observed for left: is-left: broken" in ran.out
    assert "secretly break left ... \N{CHECK MARK}" in ran.out
    assert "It leaks." in ran.out
    assert "broken: left: 0 points" in ran.out
    assert "submit: 100 points" in ran.out
    assert labs() == []


def test_its_summary_is_data(kluster: Kluster) -> None:
    ran = kluster(*rehearse(kluster, "--json", "--faults", "starboard", "--keep", "--name", "mine"))

    assert ran.code == 0
    assert ran.data["faults"] == ["right"]
    assert ran.data["evidence"] == {"right": "is-right: broken"}
    assert ran.data["right"] is True
    assert ran.data["kept"] is True
    assert [(figure["name"], figure["found"]) for figure in ran.data["figures"]] == [
        ("broken: right", 0.0),
        ("broken: end-to-end", 0.0),
        ("solved", 56.0),
        ("submit", 56.0),
    ]
    assert "secretly break right ... " in ran.err
    assert "kluster delete --name mine" in ran.err
    assert labs() == ["mine"]


def test_points_that_nobody_earned_are_found(kluster: Kluster) -> None:
    edit(kluster.scenario, "parameters: {words: [right], hides: left}", "parameters: {words: []}")

    ran = kluster(*rehearse(kluster))

    assert ran.code == 1
    assert "broken: right: 40 points  <- must be 0" in ran.out
    assert "NOT as expected" in ran.out
    assert f"kluster delete --name {NAME}" in ran.err
    assert labs() == [NAME]


def test_a_solution_that_does_not_solve_is_found(kluster: Kluster) -> None:
    edit(kluster.scenario, "run: mend right", "run: mend nothing", file="solution.yaml")
    ran = kluster(*rehearse(kluster))
    assert ran.code == 1
    assert "solved: 48 points  <- must be 100" in ran.out


def edit(folder: Path, old: str, new: str, *, file: str = "scenario.yaml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_a_step_that_fails_keeps_the_lab(kluster: Kluster) -> None:
    ToyCluster.surprises["mend"] = LabError("It is stuck.", "so it is", "Free it.")
    ran = kluster(*rehearse(kluster))
    assert ran.code == 3
    assert "It is stuck." in ran.err
    assert f"kluster shell --name {NAME}" in ran.err
    assert labs() == [NAME]


def test_a_creation_that_fails_leaves_nothing(kluster: Kluster) -> None:
    ToyCluster.surprises["create"] = LabError("No room.")
    ran = kluster(*rehearse(kluster))
    assert ran.code == 3
    assert "still there" not in ran.err
    assert labs() == []


@pytest.mark.parametrize(("keep", "left"), [((), []), (("--keep",), [NAME])])
@pytest.mark.parametrize("when", ["break", "is-it", "mend"])
def test_an_interrupt_cleans_up_without_keep(
    kluster: Kluster, keep: tuple[str, ...], left: list[str], when: str
) -> None:
    ToyCluster.surprises[when] = KeyboardInterrupt()
    ran = kluster(*rehearse(kluster, *keep))
    assert ran.code == 130
    assert labs() == left
    assert ("nothing was left behind" in ran.err) == (not left)


def test_somebody_s_lab_of_that_name_is_not_touched(kluster: Kluster) -> None:
    kluster.broken()
    ran = kluster(*rehearse(kluster, "--name", "kluster005"))
    assert ran.code == 6
    assert "There is a lab called kluster005 already" in ran.err
    assert kluster("status", "--json").data["state"] == "broken"
