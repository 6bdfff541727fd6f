"""`python -m lab` is `kluster`."""

from lab.cli import run

run()
