"""A full disk: one error with its remedy, no half-made files, and a way to continue."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab import store
from lab.places import lab_folder
from lab.writing import write_durably
from tests.fakes import Kluster, Ran, kluster

__all__ = ["kluster"]


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch, *, after: int = 0) -> Iterator[None]:
    """The lab's files can be written `after` times more."""
    real, left = write_durably, [after]

    def write(path: Path, text: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, text)

    with monkeypatch.context() as patched:
        patched.setattr(store, "write_durably", write)
        yield


def assert_told(ran: Ran) -> None:
    assert ran.code == 3
    assert "The lab's folder can't be written." in ran.err
    assert "No space left on device" in ran.err
    assert "KLUSTER_HOME" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_creation_on_a_full_disk_leaves_nothing(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    create = ("create", str(kluster.scenario), "--backend", "sim")
    with full_disk(monkeypatch, after=after):
        assert_told(kluster(*create))

    assert not lab_folder("kluster005").exists()
    assert "Labs: none yet" in kluster("list").out
    assert kluster(*create).code == 0


@pytest.mark.parametrize("after", [0, 1])
def test_breaking_on_a_full_disk_is_known_and_taken_back(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    assert kluster("create", str(kluster.scenario), "--backend", "sim").code == 0
    with full_disk(monkeypatch, after=after):
        assert_told(kluster("break"))

    if after:
        assert "kluster reset" in kluster("status").err
        assert kluster("reset").code == 0
    assert kluster("break").code == 0
