"""Waiting for a cluster to settle: passed checks are not repeated, and failed ones are reported."""

from collections.abc import Callable, Sequence
from unittest.mock import MagicMock

import pytest

from lab import health
from lab.catalog import CATALOG
from lab.core.grading import Outcome
from lab.core.load import load
from lab.core.scenario import CheckSpec
from lab.places import hints_folder, scenarios_folder

SCENARIO = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG).scenario


def settled(monkeypatch: pytest.MonkeyPatch, late: dict[str, int], looks: int) -> tuple[list[str], list[set[str]]]:
    """Return the problems after some looks, where checks of `late` pass later, and the checks of each look."""
    asked: list[set[str]] = []

    def look(checks: Sequence[CheckSpec], *_: object) -> dict[str, Outcome]:
        asked.append({check.name for check in checks})
        return {
            check.name: Outcome.passed("well")
            if late.get(check.name, 0) < len(asked)
            else Outcome.failed("ill", "well")
            for check in checks
        }

    def poll(ask: Callable[[], bool], **_: object) -> None:
        while not ask() and len(asked) < looks:
            pass

    monkeypatch.setattr(health, "_asked", look)
    monkeypatch.setattr(health, "poll", poll)
    cluster, baseline = MagicMock(), MagicMock()
    return health.wait_until_well(cluster, baseline, SCENARIO, ["admission"], timeout=0), asked


def test_what_has_passed_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    left, asked = settled(monkeypatch, {"system-pods": 2}, looks=9)

    assert left == []
    assert asked == [{"static-pods-show", "system-pods"}, {"system-pods"}, {"system-pods"}, {"users-curl"}]


def test_remaining_problems_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    left, _ = settled(monkeypatch, {"users-curl": 99}, looks=2)

    assert left == ["users-curl: ill"]


def test_unreached_parts_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    left, _ = settled(monkeypatch, {"system-pods": 99}, looks=2)

    assert left == ["system-pods: ill", "users-curl: not checked yet"]
