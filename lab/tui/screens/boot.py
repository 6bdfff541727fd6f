"""Boot: shows the letters while the cluster is created and broken."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.reactive import reactive
from textual.widgets import Button, Static

from lab.core.session import State
from lab.errors import ExitCode, LabError
from lab.lab import Lab
from lab.progress import Progress
from lab.store import Store
from lab.tui import words
from lab.tui.child import Runner
from lab.tui.options import PlayOptions
from lab.tui.screens.sized import Sized
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.steps import Steps
from lab.tui.widgets.topbar import TopBar

__all__ = ["BootScreen", "way_to_play"]


def way_to_play(state: State | None, *, anew: bool = False) -> list[str]:
    """Return the commands that make a lab in `state` (None: there is none) playable.

    `anew` restarts a lab that is being played or has ended.
    """
    match state:
        case None | State.CREATING:
            return ["create", "break"]
        case State.HEALTHY:
            return ["break"]
        case State.INJECTING | State.RESETTING:
            return ["reset", "break"]
        case State.DELETING:
            return ["delete", "create", "break"]
        case State.BROKEN | State.PAUSED | State.SOLVED | State.GIVEN_UP:
            return ["reset", "break"] if anew else []


class BootScreen(Sized[Lab | None]):
    """Runs the `commands` that make the lab playable. Ends with the lab, or None to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "begin", "Begin", key_display="Enter", tooltip="Open the terminal"),
        Binding("f10", "cancel", "Cancel", priority=True, tooltip="Undo the steps so far"),
        Binding("f10", "leave", "Back", priority=True, tooltip="Go to the first screen; the lab stays"),
        Binding("f5", "anew", "New cluster", tooltip="Remove this cluster, and make a new one"),
        Binding("escape,ctrl+c,ctrl+q", "cancel", show=False, priority=True),
        Binding("escape,ctrl+c,ctrl+q", "leave", show=False, priority=True),
    ]
    _state: reactive[str] = reactive("running", bindings=True)

    def __init__(
        self, options: PlayOptions, commands: list[str], story: str, runner: Callable[[Progress], Runner]
    ) -> None:
        super().__init__()
        self._runner = runner
        self._options = options
        self._commands = commands
        self._command = ""
        self._story = story
        self._child: Runner | None = None
        #: The input since the user asked for the terminal; it is for the terminal.
        self.ahead: list[events.Key] = []

    def compose(self) -> ComposeResult:
        """Lay out the letters above the steps."""
        yield TopBar("getting ready", self._options.name)
        with VerticalScroll(id="story"):
            yield Prose(self._story)
        with Vertical(id="work"):
            yield Steps()
            yield Static(id="outcome", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Begin", id="begin", variant="primary", disabled=True)
                anew = Button("New cluster (F5)", id="anew")
                anew.display = False
                yield anew
                yield Button("Cancel", id="cancel")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin the work, and let keys scroll the letters."""
        self.query_one("#story").focus()
        self._work()

    @work
    async def _work(self) -> None:
        self._child = self._runner(self.query_one(Steps))
        try:
            for command in self._commands:
                self._command = command
                await self._child.run(*self._argv(command))
        except LabError as problem:
            self._failed(problem)
            return
        self._state = "ready"
        self.query_one("#outcome", Static).update(
            "The cluster is broken, and the clock runs. Enter opens your terminal; F1 shows the keys there."
        )
        # The focus stays on the letters, so that the user can continue to read. Enter begins from there, too.
        self.query_one("#begin", Button).disabled = False
        # The lab remains and can be resumed.
        self.query_one("#cancel", Button).label = "Later"

    def _argv(self, command: str) -> list[str]:
        options = self._options
        argv = [command, "--name", options.name]
        if command == "create":
            argv += ["--backend", options.backend, "--mode", options.mode]
            argv += ["--team", options.team] if options.team else []
            argv += ["--image", options.image] if options.image else []
            argv += ["--seed", str(options.seed)] if options.seed else []
            # `kluster play` has asked about a stranger's scenario.
            argv += ["--yes", "--", options.scenario]
        elif command == "break" and options.faults:
            argv += ["--", *options.faults]
        elif command in {"delete", "reset"}:
            argv.append("--yes")  # the user asked for it on the previous screen
        return argv

    def _failed(self, problem: LabError) -> None:
        if problem.exit_code == ExitCode.INTERRUPTED:
            self.dismiss(None)
            return
        self._state = "failed"
        self.query_one("#outcome", Static).update(words.error_text(problem, self._options.name))
        self.query_one("#cancel", Button).label = "Back"
        self.query_one("#anew").display = self._lost

    @property
    def _lost(self) -> bool:
        """Whether the lab's cluster could not be reset, so that only a new one can be played."""
        return self._state == "failed" and self._command == "reset"

    @on(Button.Pressed, "#anew")
    def action_anew(self) -> None:
        """Remove the cluster that could not be reset, and make the same lab with a new one."""
        session = Store(self._options.name).load()
        self._options = replace(
            self._options,
            scenario=session.scenario,
            backend=session.backend,
            mode=session.mode.value,
            team=session.team,
            image=session.image,
            seed=session.seed,
        )
        self._commands = way_to_play(State.DELETING)
        self._state = "running"
        self.query_one("#anew").display = False
        self.query_one("#outcome", Static).update("")
        self.query_one("#cancel", Button).label = "Cancel"
        self.query_one("#story").focus()
        self._work()

    @on(Button.Pressed, "#begin")
    def action_begin(self) -> None:
        """Go to the play screen once the lab is ready. Show that it is coming: the next screen takes a moment."""
        if self._state == "ready":
            self._state = "opening"
            self.query_one(Steps).begin("Open the terminal")
            self.query_one("#begin", Button).disabled = True
            self._open()

    @work
    async def _open(self) -> None:
        try:
            lab = await asyncio.to_thread(Lab.open, self._options.name)
        except LabError as problem:
            self._failed(problem)
            return
        self.dismiss(lab)

    def on_key(self, event: events.Key) -> None:
        """Keep input for the terminal that is about to open."""
        if self._state == "opening":
            event.stop()
            self.ahead.append(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the actions that are possible now."""
        del parameters
        states = {"begin": {"ready"}, "cancel": {"running", "cancelling"}, "leave": {"ready", "failed"}}
        if action == "anew":
            return self._lost
        return self._state in states.get(action, {self._state})

    def action_cancel(self) -> None:
        """Undo the work so far."""
        if self._state == "running" and self._child:
            self._state = "cancelling"
            self.query_one("#outcome", Static).update("Undoing the steps so far …")
            self._child.cancel()

    def action_leave(self) -> None:
        """Go back, now that the work has ended."""
        self.dismiss(None)

    @on(Button.Pressed, "#cancel")
    async def _second_pressed(self) -> None:
        await self.run_action("leave" if self.check_action("leave", ()) else "cancel")


def story_of(options: PlayOptions, lab: Lab | None) -> str:
    """Return the letters of the scenario that is about to be played."""
    from lab.catalog import CATALOG  # noqa: PLC0415
    from lab.core.load import find, load  # noqa: PLC0415
    from lab.places import hints_folder, scenarios_folder  # noqa: PLC0415

    if lab:
        return lab.loaded.story
    return load(find(options.scenario, scenarios_folder()), hints_folder(), CATALOG, seed=options.seed).story
