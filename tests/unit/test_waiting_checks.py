"""Checks that can't be read before a milestone holds say what they wait for."""

from datetime import UTC, datetime

import pytest

from lab.catalog import CATALOG
from lab.commands.score_table import score_table
from lab.console import Console
from lab.core.grading import Outcome, grade
from lab.core.load import load
from lab.core.score_view import ScoreView, view
from lab.core.session import Mode, Session, State
from lab.places import hints_folder, scenarios_folder
from lab.tui.objectives import rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WAITS = "waits for: The API server's store runs and answers"


def seen(store_runs: Outcome) -> ScoreView:
    """Return a score in which the checks of the store can't be read, but for the milestone."""
    loaded = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
    checks = loaded.scenario.checks_of("etcd-quota")
    outcomes = {check.name: Outcome.unreadable("no answer") for check in checks} | {"store-runs": store_runs}
    session = Session(
        name="mine", scenario="kluster005", backend="sim", mode=Mode.TRAINING, state=State.BROKEN, created=NOW
    )
    score = grade(loaded.scenario, outcomes, injected=["etcd-quota"])
    return view(loaded.scenario, loaded.solution, session, score)


def test_unread_checks_wait_for_a_milestone_that_fails() -> None:
    score = seen(Outcome.failed("no container", "one"))

    assert [check.note for check in score.symptoms[0].checks] == ["", *[WAITS] * 4]
    assert [row.text.plain.endswith(f" ({WAITS})") for row in rows(score)][-5:] == [False, *[True] * 4]


@pytest.mark.parametrize("store_runs", [Outcome.passed("it runs"), Outcome.unreadable("no answer")])
def test_no_check_waits_for_what_holds_or_is_unknown(store_runs: Outcome) -> None:
    score = seen(store_runs)

    assert {check.note for check in score.symptoms[0].checks} == {""}
    assert [row.text.plain.endswith(" (can't be read)") for row in rows(score)][-4:] == [True] * 4


def test_check_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    Console().show(score_table(seen(Outcome.failed("no container", "one"))))

    assert capsys.readouterr().out.count(WAITS) == 4
