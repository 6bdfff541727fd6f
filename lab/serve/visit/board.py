"""The instructor's board in a terminal, over the same requests as the page."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Input, Static

from lab.errors import LabError
from lab.serve.visit import words
from lab.serve.visit.address import Door
from lab.serve.visit.news import News
from lab.tui.screens.dialogs import Choose, Confirm, Notice

__all__ = ["BoardApp"]

#: How often ages and clocks are updated, in s.
_TICK = 1.0
_LOG = 5


class _Ask(ModalScreen[str | None]):
    """A line of text; Escape cancels."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question above the line."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="title")
            yield Input(max_length=400)
            yield Static("Enter sends, Esc cancels", classes="foot")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer."""
        self.dismiss(event.value.strip() or None)


class BoardApp(App[None]):
    """The board: a table of seats, and keys for actions."""

    TITLE = "Kluster 005: the board"
    CSS = """
    Screen { layout: vertical; }
    #about { height: auto; padding: 0 1; background: $panel; }
    #hands { height: auto; padding: 0 1; text-style: bold; color: $warning; }
    DataTable { height: 1fr; }
    #log { height: auto; max-height: 7; padding: 0 1; color: $text-muted; }
    ModalScreen { align: center middle; background: $background 60%; }
    .dialog { width: 70; max-width: 90%; height: auto; max-height: 80%; padding: 1 2; background: $surface; }
    .dialog .title { text-style: bold; margin-bottom: 1; }
    .dialog .foot { color: $text-muted; margin-top: 1; }
    .dialog .buttons { height: auto; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start"),
        Binding("p", "pause", "Pause/resume"),
        Binding("n", "nudge", "Nudge"),
        Binding("g", "gift", "Free hint"),
        Binding("m", "say", "Message"),
        Binding("M", "say_all", "To all"),
        Binding("l", "lower", "Lower hand"),
        Binding("o", "look", "Watch"),
        Binding("c", "move", "Code"),
        Binding("C", "reissue", "New code"),
        Binding("a", "add", "Add"),
        Binding("k", "captain", "Captain"),
        Binding("u", "submit", "Submit"),
        Binding("E", "stop", "End"),
        Binding("q", "quit", "Leave"),
    ]

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self._listener = News(door, self._heard, self._lost)
        self.board: dict[str, Any] | None = None
        #: Notified when the board's content changes.
        self.news = asyncio.Condition()
        self._at = 0.0
        #: The server's time minus this machine's.
        self._ahead = timedelta()

    def compose(self) -> ComposeResult:
        """Lay out the clock, the table and the log."""
        yield Static("connecting …", id="about", markup=False)
        yield Static(id="hands", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static(id="log", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Start listening."""
        self.query_one(DataTable).focus()
        self.set_interval(_TICK, self._show)
        self._listener.begin()

    def on_unmount(self) -> None:
        """Stop listening."""
        self._listener.close()

    # --- news arrive in a thread ---

    def _heard(self, board: dict[str, Any]) -> None:
        self.call_later(self._take, board)

    def _lost(self, why: str) -> None:
        self.call_later(self._say_lost, why)

    async def _take(self, board: dict[str, Any]) -> None:
        self._ahead = datetime.fromisoformat(board["now"]) - datetime.now().astimezone()
        self.board, self._at = board, time.monotonic()
        self._show()
        async with self.news:
            self.news.notify_all()

    def _say_lost(self, why: str) -> None:
        self.query_one("#about", Static).update(f"! connection lost, trying again: {why}")

    def _show(self) -> None:
        if self.board is None:
            return
        board, now = self.board, datetime.now().astimezone() + self._ahead
        address = f"{board['address']}  {board['fingerprint']}".rstrip()
        self.query_one("#about", Static).update(f"{board['title']}  ·  {words.clock(board, now)}  ·  {address}")
        hands = [person["who"] for seat in board["seats"] for person in seat["people"] if person["hand"]]
        self.query_one("#hands", Static).update(f"Hands up: {', '.join(hands)}" if hands else "")
        self._fill(board, now)
        lines = [
            f"{datetime.fromisoformat(each['at']).astimezone():%H:%M} {each['by']}: {each['do']} {each['whom']}"
            for each in board["log"][-_LOG:]
        ]
        self.query_one("#log", Static).update("\n".join(reversed(lines)))

    def _fill(self, board: dict[str, Any], now: datetime) -> None:
        """Update the table; rows and cursor stay."""
        table = self.query_one(DataTable)
        symptoms = [each["name"] for each in board["symptoms"]]
        columns = ["seat", "state", "points", *symptoms, "last check", "no progress", "hints", "running"]
        if [str(key.value) for key in table.columns] != columns:
            table.clear(columns=True)
            for column in columns:
                table.add_column(column, key=column)
        known = {str(key.value) for key in table.rows}
        passed = 0.0 if board["paused"] or board["stopped"] else time.monotonic() - self._at
        for seat in board["seats"]:
            points = "" if seat["points"] is None else f"{seat['points']:g} of {seat['maximum'] or 0:g}"
            cells = [
                words.who(seat),
                words.state(seat),
                points,
                *(words.symptom(seat, name) for name in symptoms),
                words.looked(seat, now),
                words.idle(seat, passed),
                str(seat["hints"] or 0),
                words.waits(seat, now),
            ]
            shown = [Content(cell) for cell in cells]
            if seat["name"] not in known:
                table.add_row(*shown, key=seat["name"])
                continue
            for column, cell in zip(columns, shown, strict=True):
                if table.get_cell(seat["name"], column) != cell:
                    table.update_cell(seat["name"], column, cell, update_width=True)

    # --- actions ---

    @property
    def _seat(self) -> dict[str, Any] | None:
        """The seat at the cursor."""
        table = self.query_one(DataTable)
        if self.board is None or not table.row_count:
            return None
        name = table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value
        return next((seat for seat in self.board["seats"] if seat["name"] == name), None)

    async def _person(self, question: str) -> dict[str, Any] | None:
        """Return the person at the seat; for a team, ask which one."""
        seat = self._seat
        if seat is None:
            return None
        people: list[dict[str, Any]] = seat["people"]
        if len(people) == 1:
            return people[0]
        choices = [(str(number), str(person["who"])) for number, person in enumerate(people)]
        chosen = await self.push_screen_wait(Choose(question, choices))
        return people[int(chosen)] if chosen else None

    @work(thread=True)
    def _act(self, said: dict[str, object]) -> None:
        try:
            answer = self._door.act(said)
        except LabError as problem:
            self.call_from_thread(self.notify, problem.title, severity="warning", markup=False)
            return
        self.call_from_thread(self._show_answer, answer)

    def _show_answer(self, answer: dict[str, object]) -> None:
        if "code" in answer:
            joins = f"{answer['who']} joins at {answer['address']} with the code {answer['code']}"
            self.push_screen(Notice("The code", joins))
        else:
            self.notify("Done.", timeout=2)

    def _for_seat(self, do: str, **more: object) -> None:
        if seat := self._seat:
            self._act({"do": do, "seat": seat["name"], **more})

    def action_start(self) -> None:
        """Start the clock."""
        self._act({"do": "start"})

    def action_pause(self) -> None:
        """Stop or start the clock."""
        self._act({"do": "resume" if self.board and self.board["paused"] else "pause"})

    @work
    async def action_stop(self) -> None:
        """End the event."""
        question = Confirm("End the event?", "Seats that have not submitted yet are submitted now.", yes="End it")
        if await self.push_screen_wait(question):
            self._act({"do": "stop"})

    def action_nudge(self) -> None:
        """Ask the people at a seat how it is going."""
        self._for_seat("nudge")

    @work
    async def action_gift(self) -> None:
        """Give a seat the next hint for a symptom without a cost."""
        if self.board is None or self._seat is None:
            return
        choices = [(each["name"], f"{each['name']}: {each['title']}") for each in self.board["symptoms"]]
        chosen = await self.push_screen_wait(Choose("A hint for which symptom?", choices))
        if chosen:
            self._for_seat("gift", symptom=chosen)

    @work
    async def action_say(self) -> None:
        """Write to the people at a seat."""
        if (seat := self._seat) and (text := await self.push_screen_wait(_Ask(f"Message to {seat['who']}"))):
            self._act({"do": "say", "seat": seat["name"], "words": text})

    @work
    async def action_say_all(self) -> None:
        """Write to everybody."""
        if text := await self.push_screen_wait(_Ask("Message to all")):
            self._act({"do": "say", "words": text})

    def action_lower(self) -> None:
        """Lower the hands at a seat."""
        for person in self._seat["people"] if self._seat else ():
            if person["hand"]:
                self._act({"do": "lower-hand", "chair": person["chair"]})

    @work
    async def action_move(self) -> None:
        """Show the code with which a person continues in another browser."""
        if person := await self._person("Whose code?"):
            self._act({"do": "move", "chair": person["chair"]})

    @work
    async def action_reissue(self) -> None:
        """Give a person a new code."""
        person = await self._person("A new code for whom?")
        if person is None:
            return
        question = Confirm(f"Give {person['who']} a new code?", "Browsers at the seat must then join again.")
        if await self.push_screen_wait(question):
            self._act({"do": "reissue", "chair": person["chair"]})

    @work
    async def action_captain(self) -> None:
        """Make a person the captain of a team."""
        if self._seat and self._seat["team"] and (person := await self._person("Who becomes the captain?")):
            self._act({"do": "captain", "chair": person["chair"]})

    @work
    async def action_add(self) -> None:
        """Add a late person: to the team at the cursor, or at a new seat."""
        seat = self._seat
        into = seat["name"] if seat and seat["team"] else ""
        where = f"to {seat['who']}" if seat and into else "at a new seat"
        if name := await self.push_screen_wait(_Ask(f"Name of the person to add {where}")):
            more: dict[str, object] = {"do": "add-person", "seat": into} if into else {"do": "add-seat"}
            self._act({**more, "name": name})

    @work
    async def action_submit(self) -> None:
        """Submit for a seat."""
        seat = self._seat
        if seat is None:
            return
        question = Confirm(f"Submit for {seat['who']}?", "That ends the attempt.", yes="Submit")
        if await self.push_screen_wait(question):
            self._act({"do": "submit", "seat": seat["name"]})

    @work
    async def action_look(self) -> None:
        """View a person's screen in this terminal, until Ctrl+]."""
        from lab.serve.visit.look import look  # noqa: PLC0415 -- it needs a terminal of POSIX

        if person := await self._person("Watch whose screen?"):
            with self.suspend():
                look(self._door, str(person["chair"]))
            self.refresh(layout=True)
