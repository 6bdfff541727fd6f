"""Reading back by key: moving, searching and selecting in the scroll-back."""

from textual.pilot import Pilot

from tests.tui.lone_terminal import Lab, numbered, playing, say
from tests.tui.scripted_shell import screen, until

LONG = "a-long-word-" * 9


async def filled(pilot: Pilot[None], app: Lab, count: int = 100, more: str = "") -> None:
    await say(pilot, app, more + numbered(count), f"line {count - 1}")


async def test_the_keys_move_a_cursor_and_nothing_is_typed() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await filled(pilot, app)
        await pilot.press("ctrl+g", "[", "g")
        assert screen(app.terminal)[0] == "line 0"
        await pilot.press("G", "k", "pageup", "up", "h", "l", "0", "$")
        assert "line 0" not in screen(app.terminal)
        assert app.terminal.scrolled_back > 0
        await pilot.press("q")

        assert app.terminal.scrolled_back == 0
        assert shell.typed == b""
        await pilot.press("l", "s")
        assert shell.typed == b"ls"


async def test_a_search_goes_to_older_lines_on_and_round() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await filled(pilot, app, more="Error: one\r\n")
        await pilot.press("ctrl+g", "/", *"line 4", "enter")
        seen = app.terminal._selection
        assert seen is not None
        assert seen.text(app.terminal.line_at, 80) == "line 4"
        assert "line 49" in screen(app.terminal)[seen.head.line - app.terminal.top]
        await pilot.press("n")
        assert "line 48" in screen(app.terminal)[app.terminal._selection.head.line - app.terminal.top]  # type: ignore[union-attr]
        await pilot.press("N", "N")
        assert "line 4" in screen(app.terminal)[app.terminal._selection.head.line - app.terminal.top]  # type: ignore[union-attr]
        await pilot.press("/", *"error", "enter")
        assert screen(app.terminal)[0] == "Error: one"
        await pilot.press("/", *"Error: two", "enter")
        assert "not found" in str(app.terminal.border_subtitle)
        await pilot.press("escape")

        assert shell.typed == b""
        assert app.terminal.scrolled_back == 0


async def test_capitals_count_where_there_are_any() -> None:
    app = Lab()
    async with playing(app) as (pilot, _shell):
        await filled(pilot, app, 3, more="Back\r\nback\r\n")
        await pilot.press("ctrl+g", "/", *"Back", "enter")

        assert screen(app.terminal)[app.terminal._selection.head.line - app.terminal.top] == "Back"  # type: ignore[union-attr]


async def test_what_wrapped_is_found_and_copied_as_one() -> None:
    app = Lab()
    async with playing(app) as (pilot, _shell):
        await filled(pilot, app, more=f"{LONG}\r\n")
        await pilot.press("ctrl+g", "/", *LONG[70:95], "enter", "enter")
        await until(pilot, lambda: app.clipboard == LONG[70:95])


async def test_cells_and_lines_are_selected_by_key() -> None:
    app = Lab()
    async with playing(app) as (pilot, _shell):
        await filled(pilot, app)
        await pilot.press("ctrl+g", "[", "g", "v", "right", "right", "right", "enter")
        assert app.clipboard == "line"
        await pilot.press("ctrl+g", "[", "g", "V", "down", "y")
        assert app.clipboard == "line 0\nline 1"
        assert app.terminal.scrolled_back == 0


async def test_escape_gives_up_the_selection_first() -> None:
    app = Lab()
    async with playing(app) as (pilot, _shell):
        await filled(pilot, app)
        await pilot.press("ctrl+g", "[", "g", "v", "right", "escape")
        assert app.terminal._selection is None
        assert app.terminal.scrolled_back > 0
        await pilot.press("escape")
        assert app.terminal.scrolled_back == 0


async def test_output_does_not_move_the_reading_place() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await filled(pilot, app)
        await pilot.press("ctrl+g", "[")
        before = screen(app.terminal)[:-1]  # the last one continues
        end = app.terminal.emulator.scrollback.end
        shell.say(numbered(200))
        await until(pilot, lambda: app.terminal.emulator.scrollback.end > end + 150)

        assert screen(app.terminal)[:-1] == before


async def test_a_new_size_ends_it() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await filled(pilot, app)
        await pilot.press("ctrl+g", "[", "g")
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: app.terminal.emulator.cols < 60)
        await pilot.press("x")

        assert shell.typed == b"x"
