"""The terminal in an app, by keys and mouse, with a scripted shell at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar, TypeVar

import pytest
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Button

from lab.cluster.base import ClusterGoneError, Shell
from lab.tui.terminal import CommandEnded, CommandStarted, Terminal, TerminalApp
from tests.tui.scripted_shell import ScriptedShell, amid_work, screen, until

Kind = TypeVar("Kind", bound=Message)


class Lab(TerminalApp[None]):
    """A terminal, and something else to focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "grade", "Grade"),
        Binding("ctrl+x", "cut", priority=True),
    ]

    def __init__(self, *, prefix: str = "ctrl+g", keep: int = 10_000, error: Exception | None = None) -> None:
        super().__init__()
        self.shells: list[ScriptedShell] = []
        self.said: list[Message] = []
        self.graded = 0
        self.cuts = 0
        self.error = error
        self.terminal = Terminal(self.open_shell, label="control-plane", prefix=prefix, keep=keep)

    def compose(self) -> ComposeResult:
        yield self.terminal
        yield Button("beside")

    def on_mount(self) -> None:
        self.terminal.focus()

    def open_shell(self, rows: int, cols: int) -> Shell:
        if self.error:
            raise self.error
        self.shells.append(ScriptedShell(rows, cols))
        return self.shells[-1]

    def action_grade(self) -> None:
        self.graded += 1

    def action_cut(self) -> None:
        self.cuts += 1

    @on(Terminal.Prefixed)
    @on(Terminal.Marked)
    @on(Terminal.Ended)
    @on(Terminal.Reconnect)
    def keep_message(self, message: Message) -> None:
        self.said.append(message)

    def on_terminal_copied(self, message: Message) -> None:
        self.said.append(message)

    def messages(self, kind: type[Kind]) -> list[Kind]:
        return [message for message in self.said if isinstance(message, kind)]


@asynccontextmanager
async def playing(app: Lab, size: tuple[int, int] = (82, 26)) -> AsyncIterator[tuple[Pilot[None], ScriptedShell]]:
    """Run `app` until its terminal has a shell."""
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.shells))
        yield pilot, app.shells[0]


async def say(pilot: Pilot[None], app: Lab, output: str, shown: str) -> None:
    """Let the shell print, until `shown` is in view."""
    app.shells[-1].say(output)
    await until(pilot, lambda: any(shown in line for line in screen(app.terminal)))


# --- keys ---


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


async def test_paste_is_told_from_typing_when_asked_for_and_never_acts_as_keys() -> None:
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


async def test_programs_are_told_the_themes_colours() -> None:
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


# --- size ---


async def test_the_shell_has_the_windows_size() -> None:
    app = Lab()
    async with playing(app, size=(82, 26)) as (pilot, shell):
        size = app.terminal.size
        assert shell.sizes == [(size.height, size.width)]
        await pilot.resize_terminal(122, 42)
        await until(pilot, lambda: shell.sizes[-1] == (size.height + 16, size.width + 40))


async def test_the_shell_hears_only_of_a_size_that_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Lab()
    async with playing(app, size=(82, 26)) as (pilot, shell):
        before = list(shell.sizes)
        # On a machine that is busy a size in between may last longer than it does here.
        monkeypatch.setattr("lab.tui.terminal.widget._SETTLED", 2.0)
        for cols in (30, 60, 122):
            await pilot.resize_terminal(cols, 26)
        await until(pilot, lambda: len(shell.sizes) > len(before))
        assert shell.sizes[len(before) :] == [(before[-1][0], before[-1][1] + 40)]


async def test_a_tiny_window_does_no_harm() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, "one\r\ntwo\r\n$ ", "$")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(3, 2)
        await pilot.resize_terminal(82, 26)
        await until(pilot, lambda: "two" in screen(app.terminal))


# --- scrolling back ---


def numbered(count: int) -> str:
    return "".join(f"line {number}\r\n" for number in range(count)) + "$ "


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


async def test_what_is_in_view_stays_while_output_arrives() -> None:
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


async def wheel(pilot: Pilot[None], app: Lab, kind: type[events.MouseScrollUp | events.MouseScrollDown]) -> None:
    region = app.terminal.content_region
    x, y = region.x + 2, region.y + 1
    app.post_message(kind(None, x, y, 0, 0, 0, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y))
    await pilot.pause()


async def drag(
    pilot: Pilot[None], app: Lab, start: tuple[int, int], end: tuple[int, int], *, shift: bool = False
) -> None:
    """Press the left button at the cell `start` (column, line), move to `end`, and release it."""
    region = app.terminal.content_region
    for kind, (column, line) in (
        (events.MouseDown, start),
        (events.MouseMove, end),
        (events.MouseUp, end),
    ):
        x, y = region.x + column, region.y + line
        app.post_message(kind(None, x, y, 0, 0, 1, shift=shift, meta=False, ctrl=False, screen_x=x, screen_y=y))
        await pilot.pause()


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


async def test_the_middle_button_pastes_what_was_copied() -> None:
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


# --- what is seen ---


async def test_output_and_titles_are_never_markup() -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, "[bold red]pods[/] [@click=app.quit]x[/]", "[bold red]pods[/] [@click=app.quit]x[/]")
        app.shells[0].say("\x1b]0;[red]mine[/]\x07\x1b[6n")
        await until(pilot, lambda: bool(app.shells[0].typed))
        title = app.terminal._border_title
        assert title is not None
        assert title.plain == "control-plane · [red]mine[/]"


async def test_the_cursor_is_drawn_and_hidden() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, "ab", "ab")
        blocks = [s.text for s in app.terminal.render_line(0) if s.style and s.style.reverse]
        assert blocks == [" "]
        await say(pilot, app, "\x1b[4 q!", "!")
        assert [s.text for s in app.terminal.render_line(0) if s.style and s.style.underline] == [" "]
        await say(pilot, app, "\x1b[6 q", "▏")
        await say(pilot, app, "\x1b[?25lhidden", "hidden")
        plain = app.terminal.render_line(0)
        assert not [s for s in plain if s.style and (s.style.reverse or s.style.underline)]
        assert "▏" not in plain.text
        assert shell.typed == b""


async def test_only_lines_that_changed_are_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Lab()
    async with playing(app) as (pilot, _):
        await say(pilot, app, numbered(10), "$")
        await pilot.pause()
        rendered: list[int] = []
        render_line = Terminal.render_line

        def note(self: Terminal, y: int) -> Strip:
            rendered.append(y)
            return render_line(self, y)

        monkeypatch.setattr(Terminal, "render_line", note)
        app.shells[0].say("x")
        await until(pilot, lambda: bool(rendered))
        await pilot.pause()
        assert set(rendered) == {10}


async def test_a_program_that_draws_is_not_shown_half_done() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        painted: list[str] = []
        repaint = app.terminal.repaint

        def note() -> None:
            painted.append(app.terminal.emulator.line(0).text)
            repaint()

        app.terminal.repaint = note  # type: ignore[method-assign]
        shell.say("\x1b[?2026hhalf\x1b[6n")
        await until(pilot, lambda: bool(shell.typed))
        assert painted == []
        shell.say(" whole\x1b[?2026l")
        await until(pilot, lambda: bool(painted))
        assert painted == ["half whole"]


# --- commands ---


async def test_commands_are_told_with_exit_code_and_patience() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        shell.say("\x1b]633;E;kubectl get nodes;7\x07\x1b]133;C;shell=7\x07")
        await until(pilot, lambda: bool(app.messages(Terminal.Marked)))
        await pilot.press("ctrl+c")
        shell.say("^C\r\n\x1b]133;D;130;shell=7\x07")
        await until(pilot, lambda: len(app.messages(Terminal.Marked)) == 2)
        started, ended = (message.mark for message in app.messages(Terminal.Marked))
        assert isinstance(started, CommandStarted)
        assert isinstance(ended, CommandEnded)
        assert started.text == ended.text == "kubectl get nodes"
        assert ended.cut_off


# --- the end ---


async def test_an_ended_shell_says_so_and_enter_opens_another() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await say(pilot, app, "\x1b[?1049h\x1b[?1000h\x1b[?25lin vim", "in vim")
        shell.end()
        await until(pilot, lambda: "The shell has ended." in screen(app.terminal))
        assert app.messages(Terminal.Ended)[0].error is None
        assert app.terminal.emulator.mouse == "off"
        assert not app.terminal.running
        await pilot.press("x", "ctrl+q", "enter")
        await until(pilot, lambda: len(app.shells) == 2)
        assert len(app.messages(Terminal.Reconnect)) == 1
        await say(pilot, app, "again $ ", "again $")
        await pilot.press("y")
        await until(pilot, lambda: app.shells[1].typed == b"y")
        assert shell.typed == b""


async def test_a_node_that_goes_away_ends_the_shell_and_not_the_app() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        shell.say("\x1b]133;C;shell=7\x07")
        await until(pilot, lambda: len(app.messages(Terminal.Marked)) == 1)
        shell.end(ClusterGoneError("The node [b]control-plane[/b] is gone."))
        await until(pilot, lambda: bool(app.messages(Terminal.Ended)))
        assert "The node [b]control-plane[/b] is gone." in screen(app.terminal)
        ended = app.messages(Terminal.Marked)[-1].mark
        assert isinstance(ended, CommandEnded)
        assert ended.exit_code is None
        await pilot.press("tab")
        assert app.focused is app.query_one(Button)


async def test_a_shell_that_can_not_be_opened_is_tried_again() -> None:
    app = Lab(error=ClusterGoneError("There is no such node."))
    async with app.run_test(size=(82, 26)) as pilot:
        await until(pilot, lambda: bool(app.messages(Terminal.Ended)))
        assert "There is no such node." in screen(app.terminal)
        app.error = None
        await pilot.press("enter")
        await until(pilot, lambda: len(app.shells) == 1)


async def test_the_shell_is_closed_with_the_widget() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        await app.terminal.remove()
        await until(pilot, lambda: shell.closed)


# --- floods ---


async def test_nothing_of_a_flood_is_lost() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        lines = 20_000
        for start in range(0, lines, 500):
            shell.say(
                "".join(f"{number} \x1b[3{number % 8}mpod\x1b[0m\r\n" for number in range(start, start + 500))
            )
        await until(pilot, lambda: screen(app.terminal)[-2] == f"{lines - 1} pod")
        scrollback = app.terminal.emulator.scrollback
        assert len(scrollback) == 10_000
        texts = [scrollback[number].text for number in range(scrollback.first, scrollback.end)]
        assert texts == [f"{number} pod" for number in range(scrollback.first, scrollback.end)]


async def test_keys_get_through_a_flood() -> None:
    app = Lab()
    async with playing(app) as (pilot, shell):
        lines = 20_000
        for start in range(0, lines, 500):
            shell.say("".join(f"{number} wörter\r\n" for number in range(start, start + 500)))
        scrollback = app.terminal.emulator.scrollback
        await amid_work(lambda: scrollback.end > 0)
        app.post_message(events.Key("ctrl+c", "\x03"))
        await amid_work(lambda: bool(shell.typed))
        assert scrollback.end < lines // 2
        await until(pilot, lambda: screen(app.terminal)[-2] == f"{lines - 1} wörter")
