"""`kluster pause` and `resume`: their output, refusals of a paused lab, and the displayed length of pauses."""

import re
from datetime import timedelta

import pytest

from lab.errors import LabError
from lab.places import lab_folder
from lab.store import Store
from tests.fakes import Kluster, ToyCluster, kluster

__all__ = ["kluster"]


def cluster(name: str = "kluster005") -> ToyCluster:
    return ToyCluster(name, lab_folder(name))


def pass_by(minutes: float) -> None:
    """Move the whole attempt, with its pauses, further into the past."""
    passed = timedelta(minutes=minutes)
    with Store("kluster005").update() as session:
        assert session.started
        session.started -= passed
        for pause in session.pauses:
            pause.since -= passed
            if pause.until:
                pause.until -= passed


def lengthen(minutes: float) -> None:
    """Lengthen the present pause."""
    with Store("kluster005").update() as session:
        assert session.started
        session.started -= timedelta(minutes=minutes)
        session.pauses[-1].since -= timedelta(minutes=minutes)


def test_a_pause_stops_clock_and_cluster_until_it_is_resumed(kluster: Kluster) -> None:
    kluster.broken()
    pass_by(12)

    paused = kluster("pause")

    assert paused.code == 0
    assert re.search(r"Lab kluster005 is paused: its clock stands at 12 min \d s\.", paused.out)
    assert "The cluster is stopped too, and shells wait." in paused.err
    assert "Resume it with: kluster resume" in paused.err
    assert cluster().held

    lengthen(5)
    resumed = kluster("resume")

    assert resumed.code == 0
    assert re.search(r"resumes at 12 min \d s\. It was paused for 5 min \d s\.", resumed.out)
    assert not cluster().held


def test_a_real_cluster_keeps_running_and_the_command_warns(kluster: Kluster) -> None:
    kluster.broken()
    ToyCluster.stands = False
    paused = kluster("pause")
    assert paused.code == 0
    assert "Warning: Only the clock of the attempt stops." in paused.err
    assert "shells wait" not in paused.err
    assert kluster("pause", "--json").data["cluster_stands"] is False


def test_the_lab_is_named_by_the_argument_or_by_name(kluster: Kluster) -> None:
    kluster.broken()
    kluster("create", str(kluster.scenario), "--backend", "sim", "--name", "mine")
    kluster("break", "--name", "mine")

    assert "kluster resume --name mine" in kluster("pause", "mine").err
    assert cluster("mine").held
    assert not cluster().held
    assert kluster("resume", "--name", "mine").code == 0
    assert not cluster("mine").held
    both = kluster("pause", "mine", "--name", "other")
    assert both.code == 2
    assert "Two labs are named" in both.err
    assert kluster("pause", "../x").code == 2
    assert kluster("pause", "nobody").code == 2


def test_pausing_again_changes_nothing(kluster: Kluster) -> None:
    kluster.broken()
    kluster("pause")
    lengthen(3)
    again = kluster("pause")
    assert again.code == 0
    assert "It was paused for 3 min" in again.out
    assert len(Store("kluster005").load().pauses) == 1


@pytest.mark.parametrize(
    "argv",
    [
        ("exec", "true"),
        ("hint",),
        ("hint", "port", "--yes"),
        ("solve", "--yes"),
        ("submit", "--yes"),
        ("diagnose", "port", "-c", "hull", "--cause", "leak"),
        ("break",),
    ],
    ids=" ".join,
)
def test_work_is_refused_while_it_is_paused(kluster: Kluster, argv: tuple[str, ...]) -> None:
    kluster.broken()
    kluster("pause")
    refused = kluster(*argv)
    assert refused.code == 6
    assert "lab kluster005 is paused" in refused.err.lower()
    assert "kluster resume" in refused.err


def test_resuming_without_a_pause_is_refused(kluster: Kluster) -> None:
    kluster.broken()
    refused = kluster("resume")
    assert refused.code == 6
    assert "Lab kluster005 is not paused." in refused.err


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("exam", "The clock of an exam does not stop."),
        ("game-day", "The clock of a game day is the same for all teams."),
    ],
)
def test_modes_that_have_no_pause_say_why(kluster: Kluster, mode: str, why: str) -> None:
    team = ("--team", "Pandas") if mode == "game-day" else ()
    kluster("create", str(kluster.scenario), "--backend", "sim", "--mode", mode, *team)
    kluster("break")
    for argv in (("pause",), ("resume",)):
        refused = kluster(*argv)
        assert refused.code == 6
        assert why in refused.err
    assert not cluster().held


def test_status_check_list_and_debrief_say_for_how_long(kluster: Kluster) -> None:
    kluster.broken()
    pass_by(10)
    kluster("pause")
    lengthen(7)

    assert re.search(r"  paused, training mode", kluster("status").out)
    assert re.search(r"clock: 10 min \d s \(planned: 10 min\), paused for 7 min \d s", kluster("status").out)
    data = kluster("status", "--json").data
    assert (data["state"], round(data["seconds"] / 60), round(data["paused_seconds"] / 60)) == ("paused", 10, 7)
    seen = kluster("check")
    assert re.search(r"The lab is paused, 7 min \d s so far\. Resume it: kluster resume", seen.err)
    assert "say what it was" not in seen.err.lower()
    assert round(kluster("check", "--json").data["paused_seconds"] / 60) == 7
    assert [lab["state"] for lab in kluster("list", "--json").data["labs"]] == ["paused"]

    kluster("resume")
    cluster().control_plane.run(["mend", "left", "right"])
    assert re.search(r"The clock was paused for 7 min \d s in all.", kluster("check").err)
    ended = kluster("submit", "--yes")
    assert re.search(r"The clock was paused for 7 min \d s in all.", ended.err)

    [attempt] = kluster("list", "--json").data["attempts"]
    assert (round(attempt["seconds"] / 60), round(attempt["paused_seconds"] / 60)) == (10, 7)
    assert re.search(r"in 10 min \d s, paused for 7 min \d s", kluster("list").out)
    told = kluster("debrief", "--format", "markdown").out
    assert re.search(r"on sim, 10:0\d min, paused for 7 min \d s", told)
    assert re.search(r"10:0\d.*paused", told)
    assert re.search(r"10:0\d.*resumed after 7 min \d s", told)
    data = kluster("debrief", "--format", "json").data
    assert round(data["paused"] / 60) == 7
    assert round(data["score"]["paused_seconds"] / 60) == 7
    assert all(round(repair["seconds"] / 60) == 10 for repair in data["repairs"])


def test_a_pause_ends_with_a_reset(kluster: Kluster) -> None:
    kluster.broken()
    kluster("pause")
    assert kluster("reset", "--yes").code == 0
    assert not cluster().held
    assert kluster("break").code == 0
    assert kluster("status", "--json").data["paused_seconds"] == 0


def test_a_cluster_that_can_not_be_held_is_not_paused(kluster: Kluster) -> None:
    kluster.broken()
    ToyCluster.surprises["hold"] = LabError("The simulator can't be reached.")
    assert kluster("pause").code == 3
    assert kluster("status", "--json").data["state"] == "broken"
    assert Store("kluster005").load().pauses == []
    ToyCluster.surprises["release"] = LabError("The simulator can't be reached.")
    kluster("pause")
    assert kluster("resume").code == 3
    assert kluster("status", "--json").data["state"] == "paused"
    assert kluster("resume").code == 0
