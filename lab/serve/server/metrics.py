"""Metrics of an event for Prometheus. They identify seats by number, and name no people."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

__all__ = ["CONTENT_TYPE", "Figures", "Metrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
#: Bounds of the buckets of the key latency, in seconds; the goals are 0.15 (p95) and 0.4 (p99).
_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0, 2.0, 5.0)
#: After this many seconds, an unanswered key counts as one that changed nothing on the screen.
_SILENT = 10.0
_PHASES = ("making", "ready", "playing", "over", "failed")


class Figures:
    """The server's data for the metrics. It is read at each scrape."""

    def __init__(
        self,
        *,
        seats: Callable[[], Iterable[tuple[str, Mapping[str, Any]]]],
        workers: Callable[[], Iterable[tuple[int, int, Mapping[str, Any]]]],
        connected: Callable[[], int],
        refused: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        #: Each seat's name and status; each worker's number, starts and figures.
        self.seats, self.workers = seats, workers
        self.connected, self.refused, self.now = connected, refused, now


class Metrics:
    """The metrics of one event."""

    def __init__(self, figures: Figures, clock: Callable[[], float] = time.monotonic) -> None:
        self._figures = figures
        self._clock = clock
        self._registry = CollectorRegistry()
        ProcessCollector(namespace="kluster_server", registry=self._registry)
        self._registry.register(self)
        self._keys = Histogram(
            "kluster_key_seconds",
            "Time from the arrival of a key to the next output of its screen.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._reconnects = Counter(
            "kluster_reconnects", "Pages that came back after their connection was lost.", registry=self._registry
        )
        #: Screen -> the time of the first key without an answer.
        self._waiting: dict[int, float] = {}
        #: Screen -> the last page that displayed it.
        self._pages: dict[int, str] = {}

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)

    # --- events ---

    def typed(self, screen: int) -> None:
        """Note that a key for a screen arrived."""
        now = self._clock()
        before = self._waiting.get(screen)
        if before is None or now - before > _SILENT:
            self._waiting[screen] = now

    def shown(self, screen: int) -> None:
        """Note that a screen has sent output to its browser."""
        if (since := self._waiting.pop(screen, None)) is not None:
            self._keys.observe(self._clock() - since)

    def attached(self, screen: int, page: str) -> None:
        """Note that a page displays a screen, for the first time or again."""
        self._waiting.pop(screen, None)
        if self._pages.get(screen) == page:
            self._reconnects.inc()
        self._pages[screen] = page

    # --- values read at each scrape ---

    def collect(self) -> Iterator[Metric]:
        """Yield the values that are read from the server now."""
        seats = list(self._figures.seats())
        yield self._phases(seats)
        yield GaugeMetricFamily("kluster_browsers", "Browsers that have a screen.", self._figures.connected())
        yield CounterMetricFamily("kluster_refused_joins", "Codes that were refused.", self._figures.refused())
        yield from self._of_seats(seats)
        yield from self._of_workers()

    def _phases(self, seats: list[tuple[str, Mapping[str, Any]]]) -> Metric:
        family = GaugeMetricFamily("kluster_seats", "Seats by state.", labels=["state"])
        phases = [str(status.get("phase")) for _, status in seats]
        for phase in _PHASES:
            family.add_metric([phase], phases.count(phase))
        return family

    def _of_seats(self, seats: list[tuple[str, Mapping[str, Any]]]) -> Iterator[Metric]:
        age = GaugeMetricFamily("kluster_look_age_seconds", "Time since the last look.", labels=["seat"])
        skips = CounterMetricFamily(
            "kluster_repaints", "Whole screens that were sent to browsers that fell behind.", labels=["seat"]
        )
        now = self._figures.now()
        for name, status in seats:
            skips.add_metric([name], float(status.get("skips") or 0))
            if status.get("phase") == "playing" and status.get("looked"):
                looked = datetime.fromisoformat(str(status["looked"]))
                age.add_metric([name], max(0.0, (now - looked).total_seconds()))
        yield age
        yield skips

    def _of_workers(self) -> Iterator[Metric]:
        gauges = {
            "memory": GaugeMetricFamily("kluster_worker_memory_bytes", "Resident memory.", labels=["worker"]),
            "looks_waiting": GaugeMetricFamily(
                "kluster_worker_looks_waiting", "Seats that wait for a look.", labels=["worker"]
            ),
            "jobs_waiting": GaugeMetricFamily(
                "kluster_worker_jobs_waiting", "Labs that wait to be made, reset or submitted.", labels=["worker"]
            ),
        }
        counters = {
            "processor": CounterMetricFamily(
                "kluster_worker_cpu_seconds", "Processor time of the present process.", labels=["worker"]
            ),
            "looks": CounterMetricFamily("kluster_worker_looks", "Looks that ended.", labels=["worker"]),
            "look_seconds": CounterMetricFamily(
                "kluster_worker_look_seconds", "Time that looks took.", labels=["worker"]
            ),
        }
        starts = CounterMetricFamily("kluster_worker_starts", "Starts of the process.", labels=["worker"])
        for number, count, figures in self._figures.workers():
            starts.add_metric([str(number)], count)
            for name, family in (gauges | counters).items():
                if name in figures:
                    family.add_metric([str(number)], float(figures[name]))
        yield starts
        yield from gauges.values()
        yield from counters.values()
