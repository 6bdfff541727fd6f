"""`kluster hint`: the list with its costs, taken hints, and the questions."""

import pytest

from lab.store import Store
from tests.fakes import Kluster, kluster
from tests.unit.test_cli_lab import at_a_terminal

__all__ = ["kluster"]


def test_a_hint_that_names_the_cause_opens_it(kluster: Kluster) -> None:
    kluster.broken()
    for tier in range(2):
        assert kluster("hint", "port", "--yes").out.endswith(f"hint {tier} for port\n")
    assert "FOUND-OUT left" not in kluster("check").out

    assert kluster("hint", "port", "--yes").out.endswith("hint 2 for port\n")

    assert "found: FOUND-OUT left" in kluster("check").out


def test_hints_are_listed_without_being_taken(kluster: Kluster) -> None:
    kluster.broken()

    listed = kluster("hint")

    assert listed.out.index("patience: Wait.") < listed.out.index("port: It leans to port")
    assert "how to look (free)" in listed.out
    assert Store("kluster005").load().hints_taken == []
    data = kluster("hint", "--json").data
    assert [each["next"] for each in data["symptoms"]] == [0, 0]


def test_a_hint_shows_its_cost(kluster: Kluster) -> None:
    kluster.broken()
    assert kluster("hint", "port", "--json").data[0]["cost_percent"] == 0
    assert kluster("hint", "--json").data["symptoms"][0]["cost_percent"] == 10
    bought = kluster("hint", "port", "--yes", "--json").data
    assert [each["cost_percent"] for each in bought] == [0, 10]
    assert kluster("status", "--json").data["symptoms"][0]["hint_tier"] == 1


def test_taken_hints_are_read_again_for_free(kluster: Kluster) -> None:
    kluster.broken()
    assert kluster("hint", "port").out == "hint 0 for port\n"  # it is free
    for _ in range(2):
        again = kluster("hint", "port")
        assert (again.code, again.out) == (0, "hint 0 for port\n")
        assert "With the next one (where), all hints for port cost 10 % of its points together" in again.err
        assert "kluster hint port --yes" in again.err
    assert len(kluster("hint", "port", "--json").data) == 1
    assert kluster("hint", "port", "--yes").out == "hint 0 for port\nhint 1 for port\n"
    assert kluster("hint", "port").out == "hint 0 for port\nhint 1 for port\n"
    assert Store("kluster005").load().hint_tiers == {"left": 1}


@pytest.mark.parametrize(("answer", "tier"), [("y\n", 1), ("\n", 0), ("n\n", 0), ("", 0)])
def test_on_a_terminal_the_next_hint_is_asked_for(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, answer: str, tier: int
) -> None:
    kluster.broken()
    kluster("hint", "port")
    at_a_terminal(monkeypatch, answer)
    asked = kluster("hint", "port")
    assert asked.code == 0
    assert asked.out.startswith("hint 0 for port\n")
    assert "Show it? [y/N]" in asked.err
    assert Store("kluster005").load().hint_tiers == {"left": tier}


def test_after_the_last_hint_there_is_none(kluster: Kluster) -> None:
    kluster.broken()
    for _ in range(4):
        assert kluster("hint", "port", "--yes").code == 0
    over = kluster("hint", "port", "--yes")
    assert (over.code, over.out) == (0, "".join(f"hint {tier} for port\n" for tier in range(4)))
    assert "These are all hints for port." in over.err


def test_after_the_end_all_hints_can_be_read(kluster: Kluster) -> None:
    kluster.broken()
    kluster("submit", "--yes")
    assert len(kluster("hint", "port", "--json").data) == 4
    assert Store("kluster005").load().hints_taken == []


def test_hints_about_method_are_free(kluster: Kluster) -> None:
    kluster.broken()
    assert "It takes time" in kluster("hint", "patience").out
    assert Store("kluster005").load().hints_taken == []
