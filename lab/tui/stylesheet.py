"""A style sheet whose sources are parsed once in a process, however many screens, themes and apps use them.

Textual parses all sources of an app again for each change of the theme, and again for each app. Parsed rules
do not change, so the style sheets of a process can share them: those of a server's seats, and those of tests.
"""

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

__all__ = ["SharedStylesheet"]

#: Variables, source, its origin, whether it is a default, its rank among defaults, its scope.
_Source = tuple[frozenset[tuple[str, str]], str, CSSLocation, bool, int, str]

#: The parsed sources of this process: some dozens in each theme, each some KB.
_PARSED: LRUCache[_Source, list[RuleSet]] = LRUCache(1024)


class SharedStylesheet(Stylesheet):
    """A style sheet that shares parsed sources with all others of the process."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._frozen_variables = frozenset(self._variables.items())

    def set_variables(self, variables: dict[str, str]) -> None:
        """Use other variables, such as another theme's."""
        super().set_variables(variables)
        self._frozen_variables = frozenset(variables.items())

    def reparse(self) -> None:
        """Parse all sources with the present variables."""
        self.parse()

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,  # noqa: FBT001, FBT002 -- as Textual calls it
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        source = (self._frozen_variables, css, read_from, is_default_rules, tie_breaker, scope)
        rules = _PARSED.get(source)
        if rules is None:
            rules = super()._parse_rules(css, read_from, is_default_rules, tie_breaker, scope)
            _PARSED[source] = rules
        return rules
