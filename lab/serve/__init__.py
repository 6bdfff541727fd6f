"""Seats: many people play in browsers, on one machine, at one event."""

__all__: list[str] = []
