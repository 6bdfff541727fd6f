"""Text is readable and the focus is visible in each theme."""

import pytest
from textual.color import Color
from textual.geometry import Region
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import RadioButton, RadioSet, Select

from lab.tui import themes
from lab.tui.app import PlayApp
from lab.tui.options import PlayOptions, ThemeName
from lab.tui.widgets.walk import Stop
from tests.tui.playing import Game, game, shown, until_text

__all__ = ["game"]

#: The contrasts that WCAG (AA) requires: for text, and for marks of a position.
TEXT, MARK = 4.5, 3.0


def luminance(color: Color) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_colours_can_be_read(theme: Theme) -> None:
    background = Color.parse(theme.background or "")
    named = [theme.foreground, theme.primary, theme.accent, theme.success, theme.warning, theme.error]
    assert [each for each in named if contrast(Color.parse(each or ""), background) < TEXT] == []

    ansi = (themes.ANSI_DARK if theme.dark else themes.ANSI_LIGHT).ansi_colors
    # One is the background's own colour: text in this colour alone is not meant to be read.
    own = 0 if theme.dark else 15
    programs = [Color(*ansi[number]) for number in range(16) if number != own]
    assert [each.hex for each in programs if contrast(each, background) < TEXT] == []


async def test_the_focus_can_be_seen_in_the_diagnosis(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("f7")
        await shown(pilot, "Diagnosis")
        first, second, *_ = (select.query_one("SelectCurrent") for select in pilot.app.screen.query(Select))
        for theme in themes.NAMES.values():
            pilot.app.theme = theme
            await pilot.pause()

            assert contrast(first.background_colors[1], second.background_colors[1]) > MARK, theme
            assert contrast(first.query_one("#label").colors[3], first.background_colors[1]) > TEXT, theme


@pytest.mark.parametrize(("name", "theme"), themes.NAMES.items())
def test_a_theme_is_chosen_by_its_name(name: ThemeName, theme: str) -> None:
    assert PlayApp(PlayOptions(theme=name)).theme == theme


async def test_the_focus_can_be_seen_at_home(game: Game) -> None:
    async with game.home() as pilot:
        await until_text(pilot, "a real cluster in Docker,")
        for focused in ("scenario", "mode", "backend"):
            pilot.app.screen.query_one(f"#{focused}").focus()
            await pilot.pause()
            marked = {
                group.id
                for group in pilot.app.screen.query(RadioSet)
                for radio in group.query(RadioButton)
                if (label := radio.get_visual_style("toggle--label").background)
                and contrast(label, radio.background_colors[1]) > MARK
            }

            assert marked == {focused}


async def test_the_focused_part_is_recognisable_without_colour(game: Game) -> None:
    async with game.play() as pilot:
        for key, part in (("f2", "#brief"), ("f3", "#terminal-control-plane"), ("f4", "#help")):
            await pilot.press(key)
            parts = pilot.app.screen.query("#brief, #terminal-control-plane, #help").results(Widget)

            assert [f"#{each.id}" for each in parts if each.styles.border_title_style.reverse] == [part]


async def test_the_marked_objective_can_be_read_with_its_state(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        await pilot.press("f2")
        for theme in themes.NAMES.values():
            pilot.app.theme = theme
            await pilot.pause()
            row = next(each for each in pilot.app.screen.query(Stop) if each.has_class("-current"))
            [line] = row.render_lines(Region(0, 0, row.size.width, 1))
            [mark] = [each for each in line if "✗" in each.text]

            assert mark.style
            assert mark.style.color
            assert mark.style.bgcolor
            text, ground = (Color.from_rich_color(each) for each in (mark.style.color, mark.style.bgcolor))
            assert contrast(text, ground) > TEXT, theme
