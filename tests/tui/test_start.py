"""What opening costs: sources of styles are parsed once in a process, and a screen is styled once."""

from collections import Counter

import pytest
from textual.css import stylesheet
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen

from lab.tui import themes
from lab.tui.screens.play import PlayScreen
from lab.tui.stylesheet import SharedStylesheet
from tests.tui.playing import Game, game

__all__ = ["game"]

SOURCE = "Static { color: $primary; }"


def sheet(primary: str) -> Stylesheet:
    made = SharedStylesheet(variables={"primary": primary})
    made.add_source(SOURCE, ("here", "there"))
    return made


def test_sources_are_parsed_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    known = sheet("#123456").rules

    def parse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("it was parsed before")

    monkeypatch.setattr(stylesheet, "parse", parse)
    assert sheet("#123456").rules == known


def test_other_variables_give_other_rules_and_the_former_ones_again() -> None:
    styles = sheet("#112233")
    for colour in ("#112233", "#445566", "#112233"):
        styles.set_variables({"primary": colour})
        styles.reparse()
        (rule,) = styles.rules
        color = rule.styles.color
        assert color is not None
        assert color.hex == colour


async def test_a_theme_changes_the_display(game: Game) -> None:
    async with game.home() as pilot:
        seen = []
        for name in (themes.NAMES["light"], themes.NAMES["dark"]):
            pilot.app.theme = name
            await pilot.pause()
            seen.append(pilot.app.screen.styles.background.hex.lower())
        assert seen == ["#fbfcfd", "#11151c"]


async def test_the_play_screen_is_styled_once_as_it_opens(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    styled: Counter[DOMNode] = Counter()
    apply = Stylesheet.apply

    def counted(self: Stylesheet, node: DOMNode, **how: object) -> None:
        styled[node] += 1
        apply(self, node, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Stylesheet, "apply", counted)
    async with game.play() as pilot:
        assert isinstance(pilot.app.screen, PlayScreen)
        assert styled[pilot.app.screen] == 1


@pytest.mark.parametrize("size", [(50, 14), (120, 40), (200, 60)])
async def test_a_screen_knows_its_size_before_it_is_laid_out(
    game: Game, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    first: list[set[str]] = []
    lay_out = Screen._refresh_layout

    def noted(self: Screen[object], *args: object, **kwargs: object) -> None:
        if isinstance(self, PlayScreen):
            first.append(set(self.classes))
        lay_out(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Screen, "_refresh_layout", noted)
    async with game.play(size) as pilot:
        assert first[0] == set(pilot.app.screen.classes)
        assert len(first[0]) == 2
