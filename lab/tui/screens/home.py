"""Home: what to play, how and where; labs to resume; earlier attempts."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, DataTable, Input, OptionList, RadioSet, Static
from textual.widgets.option_list import Option

from lab.core.standing import number
from lab.tui import words
from lab.tui.from_thread import show_from_thread
from lab.tui.options import PlayOptions
from lab.tui.screens.sized import Sized
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.radio import Radio, RadioGroup
from lab.tui.widgets.topbar import TopBar

if TYPE_CHECKING:
    from lab.attempts import Attempt
    from lab.tui import offers

__all__ = ["HomeScreen"]

#: How many earlier attempts are shown.
_MOST = 20

_MODES = (
    ("training", "Training: you see states as they change; hints and solutions cost points"),
    ("exam", "Exam: a time limit, no hints, no states, one submission"),
    ("game-day", "Game day: like training, for a team; the result is a file"),
)


class HomeScreen(Sized[PlayOptions | None]):
    """Ends with the choice of what to play, or None to leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+j", "start", "Play", tooltip="Play the chosen scenario"),
        Binding("f10,escape", "leave", "Leave", tooltip="End the program"),
    ]

    def __init__(self, options: PlayOptions) -> None:
        super().__init__()
        self._options = options

    def compose(self) -> ComposeResult:
        """Lay out the choices."""
        yield TopBar("home")
        # Its children take the focus, and it scrolls to them.
        with VerticalScroll(id="home", can_focus=False):
            yield Static("Learn to repair a broken Kubernetes cluster.", classes="lead")
            yield Static(
                "Enter plays. To choose first: Tab and the arrows move, Enter chooses. The mouse works, too.",
                classes="keys",
            )
            with Vertical(id="resume"):
                yield Static("Resume", classes="heading")
                yield OptionList(id="labs")
            yield Static("Play", classes="heading")
            yield RadioGroup(id="scenario")
            yield Static("How", classes="heading")
            with RadioGroup(id="mode"):
                for name, about in _MODES:
                    yield Radio(Content(about), id=f"mode-{name}", value=name == self._options.mode)
            yield Input(self._options.team, placeholder="the team's name", id="team")
            yield Static("Where", classes="heading")
            with RadioGroup(id="backend"):
                yield Radio(Content("kind: a real cluster in Docker (looking …)"), id="backend-kind")
                yield Radio(Content("sim: the simulator, with nothing to install"), id="backend-sim")
            with Vertical(id="earlier"):
                yield Static("Earlier attempts", classes="heading")
                yield DataTable(id="attempts", cursor_type="row")
        with Horizontal(id="go", classes="buttons"):
            yield Button("Play (Enter)", id="start", variant="primary")
            yield Button("Leave (F10)", id="leave")
        yield KeyLine()

    def on_mount(self) -> None:
        """Show at once what is known, and look up the rest."""
        self.query_one("#resume").display = self.query_one("#earlier").display = False
        self._show_team()
        self.set_focus(self.query_one("#start"))  # at once: labs that are found later take the focus
        self._look_up()

    @work(thread=True)
    def _look_up(self) -> None:
        from lab.attempts import all_attempts  # noqa: PLC0415 -- the first screen waits for none of this
        from lab.tui import offers  # noqa: PLC0415

        show_from_thread(self, self._show_labs, offers.resumable())
        show_from_thread(self, self._show_scenarios, offers.scenarios())
        show_from_thread(self, self._show_attempts, all_attempts())
        show_from_thread(self, self._show_backends, offers.backends())

    def _show_labs(self, found: "list[offers.LabOffer]") -> None:
        self.query_one("#resume").display = bool(found)
        labs = self.query_one("#labs", OptionList)
        labs.add_options(
            Option(Content.assemble((lab.name, "bold"), f"  {lab.about}"), id=lab.name) for lab in found
        )
        if found:
            names = [lab.name for lab in found]
            labs.highlighted = names.index(self._options.name) if self._options.name in names else 0
            if self.focused is self.query_one("#start"):
                # Enter resumes the lab.
                labs.focus()

    async def _show_scenarios(self, found: "list[offers.ScenarioOffer]") -> None:
        wanted = self._options.scenario or "kluster005"
        scenarios = self.query_one("#scenario", RadioSet)
        await scenarios.mount_all(
            Radio(
                Content(f"{each.title} ({each.minutes} min)\n{each.summary}"),
                id=f"scenario-{each.name}",
                value=each.name == wanted,
            )
            for each in found
        )
        # Without a button in the row, the focus would be invisible.
        scenarios.action_next_button()

    def _show_backends(self, found: "list[offers.BackendOffer]") -> None:
        usable = [each.name for each in found if not each.missing]
        wanted = self._options.backend if self._options.backend in usable else usable[0]
        for each in found:
            button = self.query_one(f"#backend-{each.name}", Radio)
            button.label = Content(f"{each.name}: {each.missing or each.about}")
            button.disabled = bool(each.missing)
            if each.name == wanted and self.query_one("#backend", RadioSet).pressed_button is None:
                button.value = True

    def _show_attempts(self, found: "list[Attempt]") -> None:
        self.query_one("#earlier").display = bool(found)
        table = self.query_one("#attempts", DataTable)
        table.add_columns("when", "scenario", "mode", "team", "points", "time")
        for each in found[:_MOST]:
            table.add_row(*_row(each))

    @on(RadioSet.Changed, "#mode")
    def _show_team(self) -> None:
        self.query_one("#team").display = self._chosen("mode") == "game-day"

    @on(RadioGroup.Chosen)
    @on(Input.Submitted, "#team")
    def _ready(self) -> None:
        """After a choice with Enter, focus the button that plays."""
        self.query_one("#start").focus()

    def _chosen(self, group: str) -> str:
        pressed = self.query_one(f"#{group}", RadioSet).pressed_button
        return (pressed.id or "").removeprefix(f"{group}-") if pressed else ""

    @on(OptionList.OptionSelected, "#labs")
    def _go_on(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(replace(self._options, scenario="", name=event.option.id or self._options.name))

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """End the program; nothing can be lost here."""
        self.dismiss(None)

    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Play the chosen scenario."""
        team = self.query_one("#team", Input).value.strip()
        mode = self._chosen("mode") or "training"
        if mode == "game-day" and not team:
            self.notify("A game day needs the team's name.", severity="warning")
            self.query_one("#team").focus()
            return
        self.dismiss(
            replace(
                self._options,
                scenario=self._chosen("scenario") or self._options.scenario or "kluster005",
                mode=mode,
                team=team if mode == "game-day" else "",
                backend=self._chosen("backend") or "auto",
            )
        )


def _row(attempt: "Attempt") -> tuple[Text, ...]:
    """Return the cells of a table row."""
    cells = (
        f"{attempt.ended.astimezone():%Y-%m-%d %H:%M}",
        attempt.scenario,
        attempt.mode.value,
        attempt.team,
        f"{number(attempt.points)} of {number(attempt.maximum)}",
        words.clock(timedelta(seconds=attempt.seconds)),
    )
    return tuple(Text(cell) for cell in cells)
