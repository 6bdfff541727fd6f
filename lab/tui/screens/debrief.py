"""Debrief: the user's request, the score, the timeline, the causes, and the repairs."""

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static, TabbedContent, TabPane

from lab.attempts import file_of
from lab.core.modes import Act
from lab.core.standing import number
from lab.debrief import Debrief, collect
from lab.debrief.pages import repairs_page, score_page
from lab.debrief.reply import reply
from lab.errors import LabError
from lab.flows import FlowResult
from lab.tui import words
from lab.tui.desk import Desk
from lab.tui.exports import export
from lab.tui.from_thread import show_from_thread
from lab.tui.screens.dialogs import Choose, Notice
from lab.tui.screens.sized import Sized
from lab.tui.widgets.happened import Happened
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.topbar import TopBar

__all__ = ["DebriefScreen"]

_TABS = ("score", "timeline", "story", "repairs")
#: The most commands that are shown beside a repair. Each takes 7 KB of memory, and 1 ms before the screen opens.
_MOST = 100


class DebriefScreen(Sized[str]):
    """Ends with `again`, `all`, a symptom to practise, `home` or `leave`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,1", "tab('score')", "Score", tooltip="Show the points, check by check"),
        Binding("f3,2", "tab('timeline')", "Timeline", tooltip="Show what you did, and when"),
        Binding("f4,3", "tab('story')", "Causes", tooltip="Show what was broken, and how the faults interact"),
        Binding("f5,4", "tab('repairs')", "Repairs", tooltip="Show the repair of each symptom"),
        Binding("e", "export", "Export", tooltip="Write the debrief and the recordings to files"),
        Binding("r", "retry", "Retry", tooltip="Play again: the same symptoms, or one of them"),
        Binding("h,escape", "home", "Home", tooltip="Go to the first screen"),
        Binding("f10,q", "leave", "Leave", tooltip="End the program"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        desk.lab.require(Act.SEE_ALL)
        self.told: Debrief = collect(desk.session, desk.lab.loaded, desk.lab.store.timeline())

    def compose(self) -> ComposeResult:
        """Lay out the pages in tabs."""
        yield TopBar("debrief", self._desk.lab.store.name)
        with TabbedContent(id="pages"):
            with TabPane("Score", id="score"), VerticalScroll():
                if kept := self._kept():
                    yield Static(kept, id="kept", markup=False)
                yield Static(id="users-curl", markup=False)
                yield Prose(id="reply")
                yield Prose(score_page(self.told))
            with TabPane("Timeline", id="timeline"):
                yield Prose("## What happened")
                yield Happened(self.told.timeline)
            with TabPane("Causes", id="story"), VerticalScroll():
                yield Prose(self.told.story)
            with TabPane("Repairs", id="repairs"), VerticalScroll():
                yield Prose(repairs_page(self.told, most=_MOST))
        yield KeyLine()

    def _kept(self) -> str:
        """Return where the organiser of a game day finds the result."""
        session = self._desk.session
        path = file_of(session) if session.team else None
        return f"The result of team {session.team} is in a file for the host:\n{path}\n" if path else ""

    def on_mount(self) -> None:
        """Show the result, and send the user's request."""
        score = self.told.score
        result = f"{number(score.attempt)} of {number(score.maximum)} points"
        self.query_one(TopBar).show(f"{result}  ·  {words.clock(self._desk.played)}")
        self.query_one("#users-curl", Static).update("The user sends her request …")
        self.query_one("#score VerticalScroll").focus()
        self._try_again()

    @work(thread=True)
    def _try_again(self) -> None:
        try:
            results = self._desk.lab.users_curl()
        except LabError as problem:
            show_from_thread(self, self._show_curl, words.error_text(problem, self._desk.name), "")
            return
        works = bool(results) and all(result.connected for result in results)
        show_from_thread(self, self._show_curl, _answers(results), reply(self.told.story) if works else "")

    async def _show_curl(self, shown: Text, answer: str) -> None:
        self.query_one("#users-curl", Static).update(shown)
        await self.query_one("#reply", Prose).update(answer)

    def action_tab(self, tab: str) -> None:
        """Show a page."""
        self.query_one("#pages", TabbedContent).active = tab
        self.query_one(f"#{tab} ScrollableContainer").focus()

    def action_home(self) -> None:
        """Go to the first screen."""
        self.dismiss("home")

    def action_leave(self) -> None:
        """End the program: the attempt is over and kept."""
        self.dismiss("leave")

    def action_export(self) -> None:
        """Write all files, and show where they are."""
        picture = self.app.export_screenshot(title="Kluster 005: debrief")
        try:
            folder = export(self._desk.lab, self.told, picture)
        except OSError as problem:
            self.notify(f"Not written: {problem}", severity="error", markup=False)
            return
        names = ", ".join(sorted(path.name for path in Path(folder).iterdir()))
        self.app.push_screen(Notice("Exported", f"{folder}\n\n{names}"))

    @work(group="dialog", exclusive=True)
    async def action_retry(self) -> None:
        """Play again: the same attempt, or one of its symptoms."""
        faults = self._desk.scenario.faults
        choices = [("again", "The same again")]
        if len(self._desk.symptoms) < len(faults):
            choices.append(("all", "All of it"))
        choices += [(fault.symptom.name, f"Only {fault.symptom.name}: {fault.symptom.title}") for fault in faults]
        chosen = await self.app.push_screen_wait(
            Choose("Play what?", choices, "On the same cluster, which is reset first.")
        )
        if chosen:
            self.dismiss(chosen)


def _answers(results: list[FlowResult]) -> Text:
    """Return the answers that the user gets."""
    text = Text()
    for result in results:
        text.append(f"{result.flow.source}$ curl -k {result.flow.url}\n", "bold")
        said = f"HTTP {result.status}" if result.connected else "no answer"
        text.append(f"  {'✓' if result.connected else '✗'} {said} after {result.seconds:.1f} s\n")
    if results:
        ok = all(result.connected for result in results)
        text.append("Her curl works." if ok else "Her curl still fails.", "italic")
    return text
