"""Measurements to run by hand: they print figures and assert nothing."""
