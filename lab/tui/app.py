"""The play screen's app: from home to boot, play and debrief, and back."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.filter import Monochrome
from textual.geometry import Size
from textual.screen import Screen
from textual.worker import WorkerFailed

from lab.errors import LabError
from lab.progress import Progress
from lab.tui import themes
from lab.tui.child import Child, Runner
from lab.tui.options import PlayOptions
from lab.tui.plain import Plain
from lab.tui.screens.dialogs import Notice
from lab.tui.screens.home import HomeScreen
from lab.tui.screens.small import TooSmall
from lab.tui.stylesheet import SharedStylesheet
from lab.tui.terminal import TerminalApp
from lab.tui.terminal.keys import spoken
from lab.tui.words import error_text
from lab.tui.workers import FreshContexts

__all__ = ["PlayApp"]

#: The smallest window, in characters.
_LEAST = Size(50, 14)


class PlayApp(TerminalApp[None]):
    """Plays a scenario. Without one in `options`, the app begins at home."""

    TITLE = "Kluster 005"
    CSS_PATH = Path(__file__).with_name("kluster.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (110, "-normal"), (170, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-low"), (30, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False),
        Binding("ctrl+p", "command_palette", "Palette", show=False),
    ]

    def __init__(self, options: PlayOptions, *, runner: Callable[[Progress], Runner] = Child) -> None:
        super().__init__()
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.NAMES[options.theme]
        self.stylesheet = SharedStylesheet(variables=self.get_css_variables())
        self.no_color = not options.colour
        self.options = options
        #: Creates the runners of long work.
        self.runner = runner
        self._problem: BaseException | None = None

    def on_mount(self) -> None:
        """Set the theme, and begin."""
        self.bring_threads()
        self.ansi_theme_dark, self.ansi_theme_light = themes.ANSI_DARK, themes.ANSI_LIGHT
        # Textual's own answer to NO_COLOR is shades of grey.
        self._filters = [each for each in self._filters if not isinstance(each, Monochrome)]
        if not self.options.colour:
            self._filters.append(Plain(Color.parse(self.current_theme.background or "black")))
        if not self.options.animation:
            self.animation_level = "none"
        self._play()

    def bring_threads(self) -> None:
        """Run workers in threads that keep no reference to them."""
        asyncio.get_running_loop().set_default_executor(FreshContexts(thread_name_prefix="worker"))

    async def on_resize(self, event: events.Resize) -> None:
        """Show a message when the window is too small for anything; continue when it is larger again."""
        small = event.size.width < _LEAST.width or event.size.height < _LEAST.height
        if small and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())
        elif isinstance(self.screen, TooSmall):
            if small:
                self.screen.show()
            else:
                await self.pop_screen()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer the screen's own keys in the palette, each with its description, and the themes."""
        offered: dict[str, SystemCommand] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            # Textual's own bindings name the screen as their target.
            if active.node is not screen or not active.enabled or binding.action.startswith(("app.", "screen.")):
                continue
            offered.setdefault(
                binding.description,
                SystemCommand(
                    binding.description,
                    f"{binding.tooltip} ({spoken(binding.key)})",
                    lambda action=binding.action: self.call_later(screen.run_action, action),
                ),
            )
        offered.pop("", None)
        yield from offered.values()
        for name, theme in themes.NAMES.items() if self.options.colour else ():
            yield SystemCommand(
                f"Colours: {name}", f"Show everything in the {name} theme", partial(setattr, self, "theme", theme)
            )

    def get_key_display(self, binding: Binding) -> str:
        """Spell keys in the bottom line like everywhere else."""
        return binding.key_display or (binding.key if len(binding.key) == 1 else spoken(binding.key))

    async def action_quit(self) -> None:
        """Leave as the screen itself does, which asks if something could be lost. Dialogs use Escape."""
        await self.run_action("screen.leave")

    def action_help_quit(self) -> None:
        """Say how to leave, since many people press Ctrl+C out of habit."""
        self.notify("F10 leaves.", timeout=3)

    @property
    def problem(self) -> BaseException | None:
        """The unexpected error that ended the app."""
        return self._problem

    def _handle_exception(self, error: Exception) -> None:
        """End because of `error`. It is reported like any other error, without a page of source code."""
        super()._handle_exception(error)
        self._problem = self._problem or (error.error if isinstance(error, WorkerFailed) else error)
        self._exit_renderables.clear()

    @work
    async def _play(self) -> None:
        """Repeat: choose, prepare, play, review."""
        from lab.tui.round import play_round  # noqa: PLC0415 -- the first screen needs no lab

        options: PlayOptions | None = self.options
        if not options or not options.scenario:
            options = await self._at_home()
        while options:
            try:
                go_on = await play_round(self, options, self.runner)
            except LabError as problem:
                await self.push_screen_wait(Notice("That did not work", error_text(problem, options.name)))
                go_on = "home"
            if go_on == "leave":
                break
            options = await self._at_home()
        self.exit()

    async def _at_home(self) -> PlayOptions | None:
        return await self.push_screen_wait(HomeScreen(replace(self.options, scenario="")))
