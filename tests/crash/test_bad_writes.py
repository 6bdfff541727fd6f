"""Each write of a command fails: the disk is full, or read-only. The error is clear, and the lab goes on later."""

import errno
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from lab import seals, store
from lab.seals import Seals
from lab.store import Store
from lab.writing import write_durably
from tests.fakes import Kluster, kluster

__all__ = ["kluster"]


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, after: int, code: int) -> Iterator[list[int]]:
    """All writes fail after so many of them; the list has how many were tried."""
    tried = [0]
    adding = Seals.adding

    def count() -> None:
        tried[0] += 1
        if tried[0] > after:
            raise OSError(code, "No room" if code == errno.ENOSPC else "Read-only file system")

    def write(path: Path, text: str) -> None:
        count()
        write_durably(path, text)

    def sealed(self: Seals, name: str, line: str) -> AbstractContextManager[None]:
        count()
        return adding(self, name, line)

    with monkeypatch.context() as patched:
        for module in (store, seals):
            patched.setattr(module, "write_durably", write)
        patched.setattr(Seals, "adding", sealed)
        yield tried


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
@pytest.mark.parametrize("command", [("break",), ("submit", "--yes"), ("hint", "port"), ("reset", "--yes")])
def test_a_command_that_can_not_write_says_so_and_the_next_ones_go_on(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], code: int
) -> None:
    assert kluster("create", str(kluster.scenario), "--backend", "sim").code == 0
    ready: Callable[[], bool] = lambda: command[0] == "break" or kluster("break").code == 0  # noqa: E731
    after, done = 0, False
    while not done and after < 60:
        assert ready()
        with failing(monkeypatch, after, code) as tried:
            ran = kluster(*command)
            done = tried[0] <= after
        if not done:
            assert ran.code in {0, 3}, f"{after}: {ran.err}"
            assert "Traceback" not in ran.err
            assert "can't be written" in ran.err or ran.code == 0, f"{after}: {ran.err}"
        assert kluster("status").code == 0
        assert Seals(Store("kluster005").folder).broken() == []
        reset = kluster("reset", "--yes")
        assert reset.code == 0, f"{after}: {reset.err}"
        after += 1 if after < 6 else 3
    assert done
    assert after > 3


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_clock_that_jumps_leaves_the_attempt_playable(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    kluster.broken()

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Jumped":
            at = datetime.now(tz or UTC) + timedelta(days=days)
            return cls.fromtimestamp(at.timestamp(), tz)

    monkeypatch.setattr(store, "datetime", Jumped)
    for command in (
        ("status",),
        ("check",),
        ("hint", "port"),
        ("submit", "--yes"),
        ("debrief",),
        ("list",),
        ("reset",),
    ):
        ran = kluster(*command)
        assert ran.code in {0, 1}, ran.err
        assert "Traceback" not in ran.err
        assert "-1 day" not in ran.out
    assert Store("kluster005").load().state.value == "healthy"
