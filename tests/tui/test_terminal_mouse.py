"""Scrolling back and copying: the scroll-back by keys and wheel, selecting and pasting by mouse."""

from textual import events
from textual.geometry import Offset

from lab.tui.terminal import Terminal
from tests.tui.lone_terminal import Lab, drag, numbered, playing, say, wheel
from tests.tui.scripted_shell import screen, until

# --- scrolling back ---


async def test_scrolling_back_by_keys_and_back_again_by_typing() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, numbered(200), "line 199")
        rows = app.terminal.size.height
        await pilot.press("shift+pageup")
        assert screen(app.terminal)[0] == f"line {201 - rows - rows + 1}"
        assert "lines back" in str(app.terminal.border_subtitle)
        await pilot.press("pageup", "shift+up")
        assert screen(app.terminal)[0] == f"line {201 - rows - 2 * (rows - 1) - 1}"
        await pilot.press("home")
        assert screen(app.terminal)[0] == "line 0"
        await pilot.press("pagedown")
        assert screen(app.terminal)[0] == f"line {rows - 1}"
        assert shell.typed == b""
        await pilot.press("x")
        assert screen(app.terminal)[-1] == "$"
        await until(pilot, lambda: shell.typed == b"x")


async def test_scrolling_back_after_the_prefix() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, numbered(200), "line 199")
        await pilot.press("ctrl+g", "home")
        assert screen(app.terminal)[0] == "line 0"
        await pilot.press("end", "pageup")
        await until(pilot, lambda: shell.typed == b"\x1b[5~")


async def test_scrolling_back_by_wheel() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, numbered(200), "line 199")
        top = int(screen(app.terminal)[0].removeprefix("line "))
        await wheel(pilot, app, events.MouseScrollUp)
        assert screen(app.terminal)[0] == f"line {top - 3}"
        await wheel(pilot, app, events.MouseScrollDown)
        assert screen(app.terminal)[-1] == "$"


async def test_the_view_stays_while_output_arrives() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, numbered(200), "line 199")
        await pilot.press("shift+pageup")
        before = screen(app.terminal)
        end = app.terminal.emulator.scrollback.end
        shell.say("more\r\n" * 50)
        await until(pilot, lambda: app.terminal.emulator.scrollback.end == end + 50)
        assert screen(app.terminal) == before


async def test_as_many_lines_are_kept_as_asked_for() -> None:
    app = Lab(keep=100)
    async with playing(app) as (pilot, _):
        await say(pilot, app, numbered(500), "line 499")
        await pilot.press("shift+home")
        assert screen(app.terminal)[0] == f"line {501 - app.terminal.size.height - 100}"


async def test_the_alternate_screen_has_no_scroll_back_and_the_wheel_moves_its_cursor() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, numbered(200), "line 199")
        await pilot.press("shift+pageup")
        await say(pilot, app, "\x1b[?1049h\x1b[?1h\x1b[H\x1b[2Jfull screen", "full screen")
        await pilot.press("shift+pageup")
        await until(pilot, lambda: shell.typed == b"\x1b[5;2~")
        await wheel(pilot, app, events.MouseScrollUp)
        await until(pilot, lambda: shell.typed == b"\x1b[5;2~" + b"\x1bOA" * 3)
        assert screen(app.terminal)[0] == "full screen"


# --- the mouse ---


async def test_selecting_copies() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, "kubectl get pods\r\nshop   web   Running\r\n", "Running")
        await drag(pilot, app, (8, 0), (9, 1))
        assert app.clipboard == "get pods\nshop   web"
        assert [message.text for message in app.messages(Terminal.Copied)] == ["get pods\nshop   web"]


async def test_a_click_copies_nothing_and_typing_ends_a_selection() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, "kubectl get pods\r\n", "pods")
        plain = app.terminal.render_line(0)
        await drag(pilot, app, (8, 0), (8, 0))
        assert app.messages(Terminal.Copied) == []
        await drag(pilot, app, (0, 0), (6, 0))
        assert app.terminal.render_line(0) != plain
        await pilot.press("x")
        assert app.terminal.render_line(0) == plain


async def test_lines_that_wrapped_are_copied_as_one() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        width = app.terminal.size.width
        await say(pilot, app, "x" * (width + 5) + "END\r\n", "END")
        await drag(pilot, app, (0, 0), (20, 1))
        assert app.clipboard == "x" * (width + 5) + "END"


async def test_two_clicks_take_a_word_and_three_a_line() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, "see pod/web-7d4b9c-x, now\r\n", "now")
        offset = app.terminal.content_offset + Offset(7, 0)
        await pilot.click(app.terminal, offset=offset, times=2)
        assert app.clipboard == "pod/web-7d4b9c-x"
        await pilot.click(app.terminal, offset=offset, times=3)
        assert app.clipboard == "see pod/web-7d4b9c-x, now"


async def test_wide_characters_are_selected_whole() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, "ab漢字cd\r\n", "cd")
        await drag(pilot, app, (2, 0), (6, 0))
        assert app.clipboard == "漢字c"


async def test_selecting_reaches_into_the_scroll_back() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, numbered(200), "line 199")
        last = int(screen(app.terminal)[0].removeprefix("line "))
        region = app.terminal.content_region
        await drag(pilot, app, (0, 2), (0, -4))
        assert region.y - 4 < region.y
        lines = app.clipboard.split("\n")
        assert lines[0] == f"line {last - 4}"
        assert lines[-1] == "l"


async def test_programs_that_ask_hear_of_the_mouse_and_shift_keeps_it() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, "\x1b[?1002h\x1b[?1006hpods here\r\n", "here")
        await drag(pilot, app, (2, 1), (4, 3))
        await until(pilot, lambda: shell.typed == b"\x1b[<0;3;2M\x1b[<32;5;4M\x1b[<0;5;4m")
        await wheel(pilot, app, events.MouseScrollUp)
        await until(pilot, lambda: shell.typed.endswith(b"\x1b[<64;3;2M"))
        shell.typed = b""
        await drag(pilot, app, (0, 0), (3, 0), shift=True)
        assert app.clipboard == "pods"
        assert shell.typed == b""


async def test_the_middle_button_pastes_the_copied_text() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, "pods\r\n", "pods")
        await drag(pilot, app, (0, 0), (3, 0))
        await pilot.click(app.terminal, offset=app.terminal.content_offset, button=2)
        await until(pilot, lambda: shell.typed == b"pods")


async def test_a_program_may_set_the_clipboard() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        shell.say("\x1b]52;c;cG9kcw==\x07")
        await until(pilot, lambda: app.clipboard == "pods")
