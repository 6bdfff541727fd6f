"""Keys in the terminal: which are for the shell, which for the app, and their bytes."""

import pytest
from textual import events
from textual.widgets import Button

from lab.tui.terminal import Terminal
from tests.tui.lone_terminal import Lab, playing, say
from tests.tui.scripted_shell import until


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("ctrl+c", b"\x03"),
        ("ctrl+p", b"\x10"),
        ("ctrl+q", b"\x11"),
        ("ctrl+r", b"\x12"),
        ("ctrl+w", b"\x17"),
        ("ctrl+x", b"\x18"),
        ("ctrl+z", b"\x1a"),
        ("alt+b", b"\x1bb"),
        ("alt+full_stop", b"\x1b."),
        ("escape", b"\x1b"),
        ("tab", b"\t"),
        ("shift+tab", b"\x1b[Z"),
        ("enter", b"\r"),
        ("up", b"\x1b[A"),
        ("x", b"x"),
    ],
)
async def test_a_focused_terminal_gets_every_key(key: str, sent: bytes) -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await pilot.press(key)
        await until(pilot, lambda: shell.typed == sent)
        assert app.cuts == 0
        assert app.focused is app.terminal
        assert len(app.screen_stack) == 1


async def test_bindings_with_priority_work_beside_the_terminal() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        app.query_one(Button).focus()
        await pilot.press("ctrl+x")
        assert app.cuts == 1
        assert shell.typed == b""


async def test_function_keys_are_the_apps() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await pilot.press("f5")
        assert app.graded == 1
        assert shell.typed == b""


async def test_after_the_prefix_a_function_key_is_the_shells() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await pilot.press("ctrl+g", "f5")
        await until(pilot, lambda: shell.typed == b"\x1b[15~")
        assert app.graded == 0


async def test_the_prefix_twice_reaches_the_shell() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await pilot.press("ctrl+g", "ctrl+g", "a")
        await until(pilot, lambda: shell.typed == b"\x07a")
        assert app.said == []


async def test_a_letter_after_the_prefix_is_the_labs() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await pilot.press("ctrl+g", "h", "ctrl+g", "?", "x")
        await until(pilot, lambda: shell.typed == b"x")
        messages = app.messages(Terminal.Prefixed)
        assert [(message.letter, message.control) for message in messages] == [
            ("h", app.terminal),
            ("?", app.terminal),
        ]


async def test_the_prefix_can_be_another() -> None:
    app = Lab(prefix="ctrl+right_square_bracket")
    async with playing(app) as (pilot, shell):
        assert app.terminal.border_subtitle == "Ctrl+] Tab: leave"
        await pilot.press("ctrl+right_square_bracket", "h", "ctrl+g")
        await until(pilot, lambda: shell.typed == b"\x07")
        assert [message.letter for message in app.messages(Terminal.Prefixed)] == ["h"]


async def test_the_way_out_stands_in_the_border_and_leads_out() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        assert app.terminal.border_subtitle == "Ctrl+G Tab: leave"
        await pilot.press("ctrl+g")
        assert "Tab leaves" in str(app.terminal.border_subtitle)
        await pilot.press("tab")
        assert app.focused is app.query_one(Button)
        assert shell.typed == b""


async def test_cursor_keys_follow_the_programs_mode() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, "\x1b[?1hready", "ready")
        await pilot.press("up", "home")
        await until(pilot, lambda: shell.typed == b"\x1bOA\x1bOH")


async def test_paste_is_marked_on_request_and_never_acts_as_keys() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        app.terminal.post_message(events.Paste("one\ntwo\x1b[201~\x03"))
        await until(pilot, lambda: shell.typed == b"one\rtwo[201~")
        await say(pilot, app, "\x1b[?2004hready", "ready")
        shell.typed = b""
        app.terminal.post_message(events.Paste("one\r\ntwo"))
        await until(pilot, lambda: shell.typed == b"\x1b[200~one\rtwo\x1b[201~")


async def test_queries_are_answered() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        shell.say("\r\nab\x1b[6n")
        await until(pilot, lambda: shell.typed == b"\x1b[2;3R")


async def test_programs_learn_the_themes_colours() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        shell.say("\x1b]11;?\x07")
        await until(pilot, lambda: shell.typed.endswith(b"\x07"))
        dark = shell.typed
        app.theme = "textual-light"
        await pilot.pause()
        shell.typed = b""
        shell.say("\x1b]11;?\x07")
        await until(pilot, lambda: shell.typed.endswith(b"\x07"))
        assert dark.startswith(b"\x1b]11;rgb:1")
        assert shell.typed.startswith(b"\x1b]11;rgb:e")


async def test_focus_is_reported_to_a_program_that_asks() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, "\x1b[?1004hready", "ready")
        app.query_one(Button).focus()
        await until(pilot, lambda: shell.typed == b"\x1b[O")
        app.terminal.focus()
        await until(pilot, lambda: shell.typed == b"\x1b[O\x1b[I")
