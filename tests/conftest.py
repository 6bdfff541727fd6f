"""What holds for all tests."""

import os

import pytest

# A test may leave a simulated lab behind: its process goes soon.
os.environ.setdefault("KLUSTER_SIM_IDLE", "15")

#: Files that take longest, the first first. Workers side by side are dealt whole files, in order: one of these
#: that came last would have all others wait. The sample of answers is held against a simulated cluster that has
#: lived through nothing: it comes first on its real one, too.
_FIRST = (
    "kind/test_play.py",
    "scenario/test_scenario.py",
    "conformance/test_fresh.py",
    "kind/test_rehearsal.py",
    "scenario/test_attempts.py",
    "scenario/test_repaired.py",
    "tui/test_played_well.py",
    "tui/test_played_badly.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        name = "/".join(item.path.parts[-2:])
        return _FIRST.index(name) if name in _FIRST else len(_FIRST)

    items.sort(key=turn)
