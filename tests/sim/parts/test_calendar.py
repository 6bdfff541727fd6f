"""Spans and calendar events of systemd's timers."""

from datetime import UTC, datetime

import pytest

from lab.cluster.sim.machine.calendar import next_calendar, parse_span

#: A Saturday.
NOW = datetime(2025, 11, 29, 8, 17, 30, 500000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("2", 2),
        ("0.5", 0.5),
        ("1min 30s", 90),
        ("1h", 3600),
        ("2d3h", 183600),
        ("100ms", 0.1),
        ("x", 0),
    ],
)
def test_a_span(text: str, seconds: float) -> None:
    assert parse_span(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("event", "then"),
    [
        ("minutely", "2025-11-29 08:18:00"),
        ("hourly", "2025-11-29 09:00:00"),
        ("daily", "2025-11-30 00:00:00"),
        ("*:*:00", "2025-11-29 08:18:00"),
        ("*:*:0/15", "2025-11-29 08:17:45"),
        ("*:0/10", "2025-11-29 08:20:00"),
        ("09:30", "2025-11-29 09:30:00"),
        ("08:17", "2025-11-30 08:17:00"),
        ("*-*-* 23:59:59", "2025-11-29 23:59:59"),
    ],
)
def test_the_next_time_of_an_event(event: str, then: str) -> None:
    assert datetime.fromtimestamp(next_calendar(event, NOW.timestamp()), UTC).strftime("%Y-%m-%d %H:%M:%S") == then


@pytest.mark.parametrize("event", ["minutely", "*:*:0/15", "09:30"])
def test_the_next_time_is_never_now(event: str) -> None:
    first = next_calendar(event, NOW.timestamp())
    assert next_calendar(event, first) > first
