"""The terminal's screen and its shell: size, painting, commands, the end, floods."""

import pytest
from textual import events
from textual.strip import Strip
from textual.widgets import Button

from lab.cluster.base import ClusterGoneError
from lab.tui.terminal import CommandEnded, CommandStarted, Terminal
from tests.tui.lone_terminal import Lab, numbered, playing, say
from tests.tui.scripted_shell import amid_work, screen, until

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
        # On a busy machine, an intermediate size may last longer than here.
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


# --- painting ---


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


async def test_commands_are_listed_with_exit_code_and_patience() -> None:
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
