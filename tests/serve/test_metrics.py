"""Metrics: the figures for Prometheus, and who may read them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.serve.server.metrics import Figures, Metrics
from tests.serve.doors import Doors, doors

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


class Source:
    """A server whose figures are set by hand."""

    def __init__(self) -> None:
        self.seats: list[tuple[str, Mapping[str, Any]]] = []
        self.workers: list[tuple[int, int, Mapping[str, Any]]] = []
        self.time = 0.0
        self.metrics = Metrics(
            Figures(
                seats=lambda: self.seats,
                workers=lambda: self.workers,
                connected=lambda: 2,
                refused=lambda: 3,
                now=lambda: NOW,
            ),
            lambda: self.time,
        )

    def value(self, name: str) -> float:
        return values(self.metrics.text().decode())[name]


def values(text: str) -> dict[str, float]:
    """Return the samples of a scrape."""
    lines = [line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


@pytest.fixture
def source() -> Source:
    return Source()


def test_seats_by_state_and_the_age_of_their_looks(source: Source) -> None:
    looked = (NOW - timedelta(seconds=90)).isoformat()
    source.seats = [
        ("seat-001", {"phase": "playing", "looked": looked, "skips": 4}),
        ("seat-002", {"phase": "playing"}),
        ("seat-003", {"phase": "over", "looked": looked}),
    ]
    assert source.value('kluster_seats{state="playing"}') == 2
    assert source.value('kluster_seats{state="over"}') == 1
    assert source.value('kluster_seats{state="failed"}') == 0
    assert source.value('kluster_look_age_seconds{seat="seat-001"}') == 90
    assert source.value('kluster_repaints_total{seat="seat-001"}') == 4
    assert 'kluster_look_age_seconds{seat="seat-003"}' not in source.metrics.text().decode()


def test_workers_have_their_figures_and_a_new_one_its_number(source: Source) -> None:
    figures = {"memory": 1000, "processor": 2.5, "looks": 7, "look_seconds": 0.7, "looks_waiting": 1}
    source.workers = [(1, 1, figures), (2, 3, {})]
    assert source.value('kluster_worker_memory_bytes{worker="1"}') == 1000
    assert source.value('kluster_worker_cpu_seconds_total{worker="1"}') == 2.5
    assert source.value('kluster_worker_looks_total{worker="1"}') == 7
    assert source.value('kluster_worker_looks_waiting{worker="1"}') == 1
    assert source.value('kluster_worker_starts_total{worker="2"}') == 3
    assert 'kluster_worker_memory_bytes{worker="2"}' not in source.metrics.text().decode()


def test_key_latency_is_from_the_first_key_to_the_next_output(source: Source) -> None:
    for key, output in ((0.0, 0.12), (1.0, 1.5)):
        source.time = key
        source.metrics.typed(1)
        source.time = key + 0.01
        source.metrics.typed(1)
        source.metrics.shown(2)  # of another screen
        source.time = output
        source.metrics.shown(1)
        source.metrics.shown(1)
    assert source.value("kluster_key_seconds_count") == 2
    assert source.value("kluster_key_seconds_sum") == pytest.approx(0.62)
    assert source.value('kluster_key_seconds_bucket{le="0.15"}') == 1


def test_a_key_that_changed_nothing_counts_for_no_later_output(source: Source) -> None:
    source.metrics.typed(1)
    source.time = 30.0
    source.metrics.typed(1)
    source.time = 30.1
    source.metrics.shown(1)
    assert source.value("kluster_key_seconds_sum") == pytest.approx(0.1)
    source.metrics.typed(1)
    source.metrics.attached(1, "page")
    source.time = 99.0
    source.metrics.shown(1)
    assert source.value("kluster_key_seconds_count") == 1


def test_only_the_same_page_counts_as_a_reconnect(source: Source) -> None:
    for screen, page in ((1, "a"), (1, "a"), (2, "a"), (1, "b"), (1, "b")):
        source.metrics.attached(screen, page)
    assert source.value("kluster_reconnects_total") == 2
    assert source.value("kluster_browsers") == 2
    assert source.value("kluster_refused_joins_total") == 3


# --- over the wire ---


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors") / "friday") as opened:
        yield opened


def test_metrics_are_the_instructors_alone(event: Doors) -> None:
    secret = event.cookie("instructor").partition("=")[2]
    seat = event.cookie("seat-001").partition("=")[2]
    assert event.get("/metrics")[0] == 403
    for wrong in (seat, "x", "", secret + "x"):
        assert event.get("/metrics", Authorization=f"Bearer {wrong}")[0] == 403
        assert event.get("/metrics", Cookie=f"kluster_seat={wrong}")[0] == 403
    assert event.get("/metrics", Authorization=f"Basic {secret}")[0] == 403
    assert event.get("/metrics", Authorization=f"Bearer {secret}", Host="evil.example")[0] == 403
    for right in ({"Authorization": f"Bearer {secret}"}, {"Cookie": f"kluster_seat={secret}"}):
        status, text = event.get("/metrics", **right)
        assert status == 200
        assert values(text)['kluster_seats{state="making"}'] == 3


def test_metrics_name_no_people_and_count_refused_codes(event: Doors) -> None:
    before = event.hall.guests.refused
    assert event.post("/join", {"code": "BBBB-BBBB"})[0] == 403
    _, text = event.get("/metrics", Cookie=event.cookie("instructor"))
    assert values(text)["kluster_refused_joins_total"] == before + 1
    assert values(text)["kluster_server_process_resident_memory_bytes"] > 0
    assert "Ada" not in text
    assert event.hall.state.code not in text


def test_a_path_of_the_event_folder_is_no_page(event: Doors, tmp_path: Path) -> None:
    del tmp_path
    for path in ("/witness.key", "/static/../witness.key", "/static/%2e%2e/%2e%2e/run.py", "/attempts"):
        assert event.get(path)[0] == 404
