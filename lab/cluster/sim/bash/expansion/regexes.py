"""Regular expressions of conditions and patterns: a search that takes too long is an error of the expansion."""

from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.text.bounded_regex import Regex

__all__ = ["ExpansionRegex"]


class ExpansionRegex(Regex):
    """A compiled expression. A search may raise `ExpansionError`."""

    def _endless(self) -> Exception:
        return ExpansionError(str(super()._endless()), Effect.FAIL, status=2)
