"""Settings for all tests."""

import gc
import os
import zlib
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# A test may leave a simulated lab behind: its process ends soon.
os.environ.setdefault("KLUSTER_SIM_IDLE", "15")
# An example takes as long as it takes on a busy machine. Every run tries the same examples.
settings.register_profile(
    "any machine", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

#: Files that take longest, the first first: workers side by side are dealt whole files, in order, and one of
#: these that came last would have all others wait. A worker whose first file has one test gets another at once.
#: The first three on real clusters make their own, and are done before their worker has one that would idle
#: meanwhile; the sample of answers is held against a simulated cluster that has lived through nothing, and comes
#: first on its real one, too.
_FIRST = (
    "cheats/test_cheats.py",
    "cheats/test_honest.py",
    "drill/test_subsets.py",
    "tui/test_played_well.py",
    "tui/test_played_badly.py",
    "tui/test_play.py",
    "tui/test_screens.py",
    "kind/test_play.py",
    "kind/test_crashed_commands.py",
    "kind/test_rehearsal.py",
    "conformance/test_fresh.py",
    "kind/test_variants.py",
    "kind/test_killed.py",
    "scenario/test_scenario.py",
    "scenario/test_repaired.py",
    "scenario/test_alone.py",
    "scenario/test_attempts.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        name = "/".join(item.path.parts[-2:])
        return _FIRST.index(name) if name in _FIRST else len(_FIRST)

    items.sort(key=turn)


#: Files that take minutes and whose tests share little: in how many parts they are dealt.
_PARTS = {
    "tests/cheats/test_cheats.py": 3,
    "tests/cheats/test_honest.py": 2,
    "tests/drill/test_crash.py": 2,
    "tests/kind/test_variants.py": 2,
}


def _scope(nodeid: str) -> str:
    """Return what a test is dealt with: the tests of its file, or of its part of a long one."""
    file = nodeid.partition("::")[0]
    parts = _PARTS.get(file, 1)
    return f"{file} {zlib.crc32(nodeid.encode()) % parts}" if parts > 1 else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Any:
    if config.getoption("dist") != "loadfile":
        return None
    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = _scope
    return scheduling


def pytest_collection_finish() -> None:
    """Collect garbage rarely, and never look through what is loaded: a quarter of the time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
