"""Seats: many people play one event in browsers, served by one machine."""

__all__: list[str] = []
