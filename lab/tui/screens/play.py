"""Play: the brief, the shells and the hints; the cluster is graded in the background."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static

from lab.cluster.base import ClusterGoneError
from lab.commands.invocation import with_lab
from lab.core.coach import Advice
from lab.core.scenario import Hint
from lab.core.standing import number
from lab.debrief.recording import Recorder
from lab.errors import LabError
from lab.store import now
from lab.tui import words
from lab.tui.compositor import RowCompositor
from lab.tui.desk import Desk, Look
from lab.tui.from_thread import show_from_thread
from lab.tui.keys_page import keys_page
from lab.tui.screens.asking import Asking
from lab.tui.screens.dialogs import Notice, Page
from lab.tui.screens.pause import PauseScreen
from lab.tui.screens.play_keys import ACTS, BINDINGS, LETTERS
from lab.tui.terminal import CommandEnded, CommandStarted, Terminal
from lab.tui.widgets.brief import WHOLE, Brief
from lab.tui.widgets.hints import Hints
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.shells import NodeTerminal, Shells
from lab.tui.widgets.topbar import TopBar
from lab.tui.widgets.walk import Stop

__all__ = ["PlayScreen"]

#: The ids of the parts. The desk comes last: it has the focus if no other part has it.
_PANES = ("brief", "help", "desk")
#: The least width with parts side by side: in narrower windows each part fills the window.
_NORMAL = 110


class PlayScreen(Asking):
    """The screen on which an attempt is played. Ends with `submitted`, `left` or `gone`."""

    #: How often the screen checks whether a look is due, in s.
    POLL: ClassVar[float] = 0.25
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_NORMAL, "-normal"), (170, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    def __init__(self, desk: Desk, *, prefix: str, ahead: Sequence[events.Key] = ()) -> None:
        super().__init__(desk)
        self._compositor = RowCompositor()
        self._prefix = prefix
        self._ahead = ahead
        began = desk.started or now()
        # The attempt's clock, as in the timeline: neither contains pauses.
        self._recorder = Recorder(
            desk.lab.store.folder, began, lambda: began.timestamp() + desk.played.total_seconds()
        )
        #: The outcome with which the screen ends once nothing covers it.
        self._outcome = ""
        self._ended = False
        #: The text of the line about failed looks.
        self._trouble = ""
        #: Whether the pause screen covers this one.
        self._pausing = False
        #: Whether the last look or the drill ran, a second ago.
        self._ending = False
        #: Whether everything was repaired at the last look.
        self._whole = False
        #: Whether input was typed before there was a terminal for it.
        self._opening = True

    @property
    def crumb(self) -> str:
        """The text behind the screen's name at the top."""
        return self.desk.lab.store.name

    def compose(self) -> ComposeResult:
        """Lay out the three parts; the style sheet places them by the window's width."""
        yield TopBar("play", self.crumb)
        yield Static(id="trouble", markup=False)
        with Container(id="parts"):
            yield Brief(self.desk)
            yield Shells(self.desk, prefix=self._prefix, record=self._recorder.write)
            yield Hints(self.desk)
        yield KeyLine(lesser=("pause", "zoom", "diagnose", "grade"))

    def on_mount(self) -> None:
        """Focus the terminal, and start the clock and the watch."""
        self.query_one("#trouble").display = False
        self._show_pane("desk")
        for key in self._ahead:
            self._forward(key)
        # Behind the keys that are already waiting.
        self.call_later(setattr, self, "_opening", False)
        self.set_interval(1.0, self._tick)
        self.set_interval(self.POLL, self._poll)
        self._tick()

    def on_key(self, event: events.Key) -> None:
        """Give the terminal the input that came while it was created."""
        if self._opening:
            event.stop()
            self._forward(event)

    def _forward(self, key: events.Key) -> None:
        self.query_one(Shells).terminal.post_message(events.Key(key.key, key.character))

    def on_unmount(self) -> None:
        """Close the recording."""
        self._recorder.close()

    # --- the clock and the background ---

    def _tick(self) -> None:
        self._show_status()
        if self.desk.session.over:
            # Another terminal may have submitted the attempt.
            self._outcome = "submitted"
        elif not self._outcome and (problem := self.desk.lost()):
            self._gone("The lab is gone", problem)
        elif not self._outcome and self.desk.due:
            self.submit_in_time()
        if self._outcome:
            self.end(self._outcome)
            return
        if self.desk.paused:
            self._show_pause()
            return
        if self.desk.ending != self._ending:
            self._ending = self.desk.ending
            self.query_one(Brief).show()
            if not self._ending:
                # It failed, and the attempt goes on.
                self.desk.watch.asked()
        # Another terminal may have taken a hint.
        self.query_one(Hints).show()
        if not self._ending and (advice := self.desk.coach.idle(self.desk.clock())):
            self._advise(advice)

    def _poll(self) -> None:
        self.look_if_due()
        self._place_messages()

    def end(self, outcome: str) -> None:
        """End with `outcome` once nothing covers the screen."""
        self._outcome = outcome
        if self.app.screen is self and not self._ended:
            self._ended = True
            self.dismiss(outcome)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable actions that are refused now; their keys then explain why."""
        if action == "explain":
            return bool(self._refusal(str(parameters[0])))
        return not self._refusal(action) and super().check_action(action, parameters)

    def _refusal(self, action: str) -> str:
        """Return why `action` does nothing now, as a sentence; empty if it does something."""
        if action == "zoom":
            return "Each part fills this window already." if self.app.size.width < _NORMAL else ""
        return self.desk.refusal(ACTS[action]) if action in ACTS else ""

    def on_resize(self) -> None:
        """Offer what does something at this width."""
        self.refresh_bindings()

    def action_explain(self, action: str) -> None:
        """Explain why `action` is refused."""
        self.notify(self._refusal(action), markup=False)

    def _show_status(self) -> None:
        session = self.desk.session
        standing = self.desk.seen.standing if self.desk.seen and not self.desk.exam else None
        self.query_one(TopBar).show(
            f"{number(standing.points)} of {number(standing.maximum)} points" if standing else "",
            self._clock(),
            words.causes(*self.desk.causes),
            standing.took if standing else "",
            f"{session.mode.value} {session.team}".rstrip(),
            f"seen {self.desk.since(self.desk.seen_at):.0f} s ago" if self.desk.seen_at is not None else "",
        )

    def _clock(self) -> str:
        """Return the remaining time, or the elapsed time if there is no deadline."""
        deadline = self.desk.deadline
        return words.countdown(deadline, now()) if deadline else words.clock(self.desk.played)

    def refresh_known(self) -> None:
        """Show the last result, updated with the help that was taken since."""
        self.query_one(Brief).show()
        self.query_one(Hints).show()
        self._show_status()

    def look_if_due(self) -> None:
        """Look at the cluster in the background if a look is due."""
        if not self.desk.exam and self.is_current and not self._outcome and self.desk.look_due():
            began = self.desk.clock()
            self.desk.watch.began(began)
            self._look(began)

    @work(thread=True, group="look")
    def _look(self, began: float) -> None:
        """Look at the cluster in a thread."""
        look, problem = Look(newer=False, news=False), None
        try:
            look = self.desk.look()
        except LabError as error:
            problem = error
        show_from_thread(self, self._looked, began, look, problem)

    def _looked(self, began: float, look: Look, problem: LabError | None) -> None:
        self.desk.watch.ended(self.desk.clock(), self.desk.since(began), news=look.news)
        self._show_trouble(problem)
        if isinstance(problem, ClusterGoneError):
            self._gone("The cluster is gone", problem)
        elif problem:
            # The look is soon retried.
            self.desk.watch.changed(self.desk.clock())
        if look.newer:
            self.refresh_known()
            if reaction := self.desk.reaction():
                self._tell(*reaction)
            self._tell_whole()

    def _tell_whole(self) -> None:
        """After the last repair, show the next step once."""
        seen = self.desk.seen
        whole = seen is not None and seen.solved
        if whole and not self._whole and not self._shows("brief"):
            self.notify(WHOLE, timeout=10)
        self._whole = whole

    def _show_trouble(self, problem: LabError | None) -> None:
        """Show in one line why looks fail; they are retried automatically."""
        trouble = f"{problem.title} {with_lab(problem.remedy, self.desk.name)}" if problem else ""
        if trouble == self._trouble:
            # Each look calls this, and a changed line would lay out the whole screen.
            return
        self._trouble = trouble
        line = self.query_one("#trouble", Static)
        line.display = bool(trouble)
        line.update(Text(f"! {trouble}"))

    def _gone(self, title: str, problem: LabError) -> None:
        """Say that there is nothing left to play; end once the message and other dialogs are closed."""
        if not self._outcome:
            self._outcome = "gone"
            self.app.push_screen(Notice(title, words.error_text(problem, self.desk.name)))

    # --- the terminals ---

    @on(Terminal.Marked)
    def _marked(self, event: Terminal.Marked) -> None:
        terminal = event.control
        if not isinstance(terminal, NodeTerminal):
            return
        if isinstance(event.mark, CommandStarted):
            self.desk.runs(terminal.seat)
        elif isinstance(event.mark, CommandEnded):
            advice = self.desk.ran(terminal.seat, terminal.node, event.mark)
            if advice:
                self._advise(advice)

    @on(Terminal.Prefixed)
    async def _prefixed(self, event: Terminal.Prefixed) -> None:
        action = LETTERS.get(event.letter.lower(), "")
        if self._refusal(action):
            self.action_explain(action)
        elif action:
            await self.run_action(action)

    @on(Stop.Chosen)
    def _chosen(self, event: Stop.Chosen) -> None:
        """Put the chosen command into the terminal's line, unsent; copy a chosen address."""
        choice = event.control.choice
        if choice.startswith("https://"):
            self.app.copy_to_clipboard(choice)
            self._copied()
            return
        terminal = self.query_one(Shells).terminal
        if terminal.busy:
            self.app.copy_to_clipboard(choice)
            self.notify("A program is running in the terminal, so the command was copied instead.", timeout=4)
            return
        self._show_pane("desk")
        terminal.put(choice)

    @on(Terminal.Copied)
    def _copied(self) -> None:
        self.notify("Copied.", timeout=1.5)

    @work(group="advice")
    async def _advise(self, advice: Advice) -> None:
        hint = self.desk.advised(advice)
        if hint and not self.desk.exam:
            self._tell(hint, advice.because)

    @work(group="advice")
    async def _tell(self, hint: Hint, because: str) -> None:
        """Show a free hint that came by itself. Where its panel is not on the screen, a message announces it."""
        await self.query_one(Hints).advise(hint, because)
        if not self._shows("help"):
            self.notify(f"{because} See the free advice under Help (F4).", markup=False, timeout=10)

    def _shows(self, pane: str) -> bool:
        """Whether the window shows a part now, alone or beside others."""
        return not self._one_part or self.query_one("#parts").has_class(f"-{pane}")

    @property
    def _one_part(self) -> bool:
        return self.has_class("-narrow") or self.has_class("-zoomed")

    def _place_messages(self) -> None:
        """Keep messages off the half of the terminal in which its last lines are."""
        below = self._one_part and self._shows("desk") and self.query_one(Shells).terminal.typed_above
        for rack in self.children:
            if rack.id == "textual-toastrack":
                rack.set_class(below, "-below")

    # --- keys ---

    def action_pane(self, pane: str) -> None:
        """Show a part and focus it."""
        self._show_pane(pane)

    def _show_pane(self, pane: str) -> None:
        parts = self.query_one("#parts")
        for each in _PANES:
            parts.set_class(each == pane, f"-{each}")
        if pane == "desk":
            # At once: the next input is for this terminal.
            self.set_focus(self.query_one(Shells).terminal)
        elif pane == "help":
            # The advice that a message announces is here.
            self.app.clear_notifications()
            self.query_one(Hints).focus_first()
        else:
            self.set_focus(self.query_one(Brief))

    def action_zoom(self) -> None:
        """Give the focused part the whole window, or restore the layout."""
        self._show_pane(self._focused_pane())
        self.toggle_class("-zoomed")

    def action_next_node(self) -> None:
        """Show the next terminal."""
        self._show_pane("desk")
        self.query_one(Shells).show_next()

    async def action_new_shell(self) -> None:
        """Open another shell on the node of the shown terminal."""
        self._show_pane("desk")
        if not await self.query_one(Shells).add():
            self.notify("No more shells can be opened. `exit` ends one.", timeout=3)

    def action_grade(self) -> None:
        """Look at the cluster now."""
        self.notify("Looking at the cluster …", timeout=2)
        self.desk.watch.asked()
        self.look_if_due()

    @work(group="dialog", exclusive=True)
    async def action_pause(self) -> None:
        """Stop the clock until it is resumed, here or in another terminal."""
        try:
            await asyncio.to_thread(self.desk.pause)
        except LabError as problem:
            self.app.push_screen(Notice("Not paused", words.error_text(problem, self.desk.name)))
            return
        self._show_pause()

    def _show_pause(self) -> None:
        """Show the pause screen until the lab is resumed."""
        if not self._pausing:
            self._pausing = True
            self.app.push_screen(PauseScreen(self.desk), self._pause_ended)

    def _pause_ended(self, outcome: str | None) -> None:
        self._pausing = False
        self.desk.resumed()
        if outcome == "left":
            self.end("left")

    def action_keys(self) -> None:
        """Show the keys, those of the focused part first."""
        self.app.push_screen(Page("Keys", keys_page(self._prefix, self._focused_pane(), self._refused())))

    def _refused(self) -> set[str]:
        return {action for action in (*ACTS, "zoom") if self._refusal(action)}

    def _focused_pane(self) -> str:
        return next(pane for pane in _PANES if pane == "desk" or self.query_one(f"#{pane}").has_focus_within)
