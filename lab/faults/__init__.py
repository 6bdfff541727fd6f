"""Faults, one module for each kind."""
