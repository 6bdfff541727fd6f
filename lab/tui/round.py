"""One round: a lab is prepared, played and reviewed, perhaps more than once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from textual import events
from textual.app import App

from lab.core.modes import Act, Phase
from lab.core.session import State
from lab.lab import Lab
from lab.progress import Progress
from lab.store import Store
from lab.tui.alone import alone_at
from lab.tui.child import Runner
from lab.tui.desk import Desk
from lab.tui.options import PlayOptions
from lab.tui.screens.boot import BootScreen, story_of, way_to_play
from lab.tui.screens.debrief import DebriefScreen
from lab.tui.screens.dialogs import Choose
from lab.tui.screens.play import PlayScreen

__all__ = ["Next", "play_round"]

#: The next screen after a round.
Next = Literal["home", "leave"]


async def play_round(app: App[None], options: PlayOptions, runner: Callable[[Progress], Runner]) -> Next:
    """Play the lab of `options` until the user leaves it; return the next screen.

    Raises:
        LabError: another player has it open, or its files can't be read.
    """
    with alone_at(options.name):
        return await _Round(app, options, runner).play()


class _Round:
    def __init__(self, app: App[None], options: PlayOptions, runner: Callable[[Progress], Runner]) -> None:
        self._app = app
        self._options = options
        self._runner = runner
        self._store = Store(options.name)

    async def play(self) -> Next:
        commands = await self._begin()
        while commands is not None:
            lab, ahead = await self._made(commands)
            if lab is None:
                break
            desk = Desk(lab)
            if not desk.session.over:
                screen = PlayScreen(desk, prefix=self._options.prefix, ahead=ahead)
                outcome = await self._app.push_screen_wait(screen)
                if outcome != "submitted":
                    desk.lab.cluster.close()
                    return "home" if outcome == "gone" else "leave"
            after = await self._app.push_screen_wait(DebriefScreen(desk))
            # The next step is the work of a separate process.
            desk.lab.cluster.close()
            if after == "leave":
                return "leave"
            commands = None if after == "home" else way_to_play(desk.session.state, anew=True)
            self._options = replace(self._options, faults=_faults(after, desk))
        return "home"

    async def _begin(self) -> list[str] | None:
        """Return the commands that make the lab playable, or None to go back."""
        if not self._store.exists():
            return way_to_play(None)
        state = self._store.load().state
        if not self._options.scenario:
            return way_to_play(state)
        # The user named a scenario, and a lab exists: the user may mean either.
        match await self._ask_about(state):
            case "on":
                return way_to_play(state)
            case "anew":
                return way_to_play(state, anew=True)
            case "delete":
                return ["delete", *way_to_play(None)]
        return None

    async def _ask_about(self, state: State) -> str | None:
        session = self._store.load()
        choices = [("on", "Resume it")]
        if session.phase is not Phase.BEFORE and session.may(Act.BEGIN_AGAIN):
            choices.append(("anew", "Restart on the same cluster"))
        withdrawn = "Withdraw from the exam (no points), and make a new lab"
        choices.append(("delete", withdrawn if session.bound else "Remove it, and make a new one"))
        seed = f", seed {session.seed}" if session.seed and session.may(Act.SEE_SEED) else ""
        question = f"There is a lab called {session.name} already ({state.words}, {session.backend}{seed})"
        return await self._app.push_screen_wait(Choose(question, choices))

    async def _made(self, commands: list[str]) -> tuple[Lab | None, list[events.Key]]:
        """Make the lab playable; return it (None: go back), and the keys that were typed ahead."""
        if not commands:
            return await asyncio.to_thread(Lab.open, self._options.name), []
        lab = Lab.open(self._options.name) if self._store.exists() else None
        screen = BootScreen(self._options, commands, story_of(self._options, lab), self._runner)
        return await self._app.push_screen_wait(screen), screen.ahead


def _faults(after: str, desk: Desk) -> tuple[str, ...]:
    """Return the faults to break after a debrief that ended with `after`; empty for the whole scenario."""
    match after:
        case "again":
            return tuple(fault.symptom.name for fault in desk.symptoms)
        case "all":
            return ()
    return (after,)
