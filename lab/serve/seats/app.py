"""The app of a seat: a play screen that reaches only its own lab and its viewer.

Textual does not document several apps in one process. This app uses nothing that apps would share: the
streams of the process (each app redirects them, and the last to end restores another's streams), the loop's
threads (each app brings its own), its files, its browser and its signals. Timers and
animations need no change: they are tasks in a context that knows the app.
"""

import sys
from collections.abc import Iterable
from typing import Any, Protocol

from rich.console import RenderableType
from textual import work
from textual.app import SystemCommand
from textual.driver import Driver
from textual.screen import Screen

from lab.core.scenario import Hint
from lab.errors import LabError
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.driver import SeatDriver
from lab.serve.seats.looks import Looks
from lab.serve.seats.play import SeatPlay
from lab.serve.seats.screens import Lobby, SeatDebrief
from lab.serve.seats.team import Ask
from lab.tui.app import PlayApp
from lab.tui.options import PlayOptions
from lab.tui.words import error_text

__all__ = ["Place", "SeatApp"]


class Place(Protocol):
    """The lab that a seat's app plays."""

    name: str
    looks: Looks
    ask: Ask

    @property
    def story(self) -> str:
        """The letters to read until the play screen."""

    async def opened(self, say: "Say") -> SeatDesk:
        """Return the desk once there is something to play; report what the app waits for through `say`."""

    def came(self) -> None:
        """Handle that a driver is there."""

    def shown(self) -> None:
        """Handle that the play screen is displayed, so that keys reach the shell."""

    def submitted(self) -> None:
        """Handle the end of the attempt."""


class Say(Protocol):
    """Displays a message to the person at the seat."""

    def __call__(self, words: str) -> None:
        """Display the message."""


class SeatApp(PlayApp):
    """Plays the lab of `place` once."""

    def __init__(self, place: Place, options: PlayOptions) -> None:
        super().__init__(options)
        self.place = place
        self._capture_stdout = sys.stdout  # type: ignore[assignment]  # redirected to where it leads
        self._capture_stderr = sys.stderr  # type: ignore[assignment]

    @property
    def seat_driver(self) -> SeatDriver | None:
        """The driver; None until there is one."""
        return self._driver if isinstance(self._driver, SeatDriver) else None

    def get_driver_class(self) -> type[Driver]:
        """Return the driver class of seats."""
        return SeatDriver

    def bring_threads(self) -> None:
        """Start no threads: all seats share those of the process."""

    def refresh_all(self) -> None:
        """Redraw the whole screen."""
        self.screen.refresh()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Display an update; display the whole screen if a viewer has just come or was behind."""
        driver = self.seat_driver
        if driver and driver.whole and renderable is not None and not self._batch_count and not driver.is_headless:
            driver.whole = False
            renderable = screen._compositor.render_full_update()  # noqa: SLF001 -- Textual keeps it to itself
        super()._display(screen, renderable)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the commands of the screen's keys, and the themes."""
        return super().get_system_commands(screen)

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Disable screenshots: they would be files of the server."""

    def action_suspend_process(self) -> None:
        """Disable suspending: it would stop the server's process."""

    # --- the instructor's actions ---

    def say(self, title: str, words: str) -> None:
        """Display a message of the instructor."""
        self.notify(words, title=title, timeout=30, markup=False)

    def submit_now(self) -> bool:
        """Submit the attempt if it is running."""
        play = self._playing()
        if play:
            play.submit_in_time()
        return play is not None

    def show_gift(self, hint: Hint) -> None:
        """Display a hint that the instructor gave."""
        if play := self._playing():
            play.show_gift(hint)

    def _playing(self) -> SeatPlay | None:
        return next((each for each in self.screen_stack if isinstance(each, SeatPlay)), None)

    @work
    async def _play(self) -> None:
        lobby = Lobby(self.place.name, self.place.story)
        await self.push_screen(lobby)
        try:
            desk = await self.place.opened(lobby.say)
        except LabError as problem:
            lobby.say(str(error_text(problem, self.place.name)))
            return
        if not desk.session.over:
            play = SeatPlay(desk, self.place, prefix=self.options.prefix)
            await self.push_screen_wait(play)
        self.place.submitted()
        await self.push_screen_wait(SeatDebrief(desk))
