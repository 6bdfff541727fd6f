"""A terminal on a node says when its lab is paused, and when it resumes."""

import threading

import pytest

from lab.commands.paused import PauseNews, pauses_told
from lab.core.session import State
from lab.store import Store, now
from tests.fakes import Kluster, kluster

__all__ = ["kluster"]


def pause(*, stands: bool) -> None:
    with Store("kluster005").update() as session:
        session.pause(now())
        session.pauses[-1].cluster_stands = stands


@pytest.fixture
def store(kluster: Kluster) -> Store:
    assert kluster("create", str(kluster.scenario), "--backend", "sim").code == 0
    assert kluster("break").code == 0
    return Store("kluster005")


@pytest.mark.parametrize(("stands", "words"), [(True, "this shell waits"), (False, "its clock stands still")])
def test_each_change_is_reported_once(store: Store, *, stands: bool, words: str) -> None:
    news = PauseNews(store)
    assert news.look() == ""
    with store.update() as session:
        session.pause(now())
    # What it does to the cluster is not known yet.
    assert news.look() == ""
    with store.update() as session:
        session.pauses[-1].cluster_stands = stands
    said = news.look()
    assert words in said
    assert said.endswith("with: kluster resume")
    assert news.look() == ""
    with store.update() as session:
        session.resume(now())
    assert news.look() == "Lab kluster005 resumes."
    with store.update() as session:
        session.enter(State.SOLVED)
    assert news.look() == ""


def test_a_lab_that_is_removed_is_no_news(store: Store) -> None:
    news = PauseNews(store)
    (store.folder / "lab.json").unlink()
    assert news.look() == ""


def test_it_is_reported_while_the_shell_runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr("lab.commands.paused._EVERY", 0.01)
    with pauses_told(store, lambda _line: told.set()):
        pause(stands=True)
        assert told.wait(20)
