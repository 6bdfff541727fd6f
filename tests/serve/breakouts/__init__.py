"""Attempts to get out of a seat, into another one, or to stop the event. Each is a test."""
