"""The questions of the play screen: leaving, submitting, causes, hints, and repairs that the user gives up."""

from abc import abstractmethod

from textual import on, work

from lab.core.hints import TIER_TITLES
from lab.core.modes import Act
from lab.errors import LabError
from lab.tui import words
from lab.tui.abstract import Abstract
from lab.tui.desk import Desk
from lab.tui.objectives import objective_page
from lab.tui.screens.dialogs import Choose, Confirm, Leave, Notice, Page
from lab.tui.screens.giveup import GiveUp
from lab.tui.screens.sized import Sized
from lab.tui.widgets.brief import Brief
from lab.tui.widgets.hints import Hints

__all__ = ["Asking"]


class Asking(Sized[str], metaclass=Abstract):
    """A screen over `desk` with a `Brief` and `Hints`. It shows one dialog at a time."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        #: Whether the deadline has passed and the attempt is being submitted because of that.
        self._time_over = False

    @abstractmethod
    def end(self, outcome: str) -> None:
        """End the screen with `outcome`."""

    @abstractmethod
    def refresh_known(self) -> None:
        """Show the effects of help and diagnosis."""

    @abstractmethod
    def look_if_due(self) -> None:
        """Look at the cluster if something may have changed."""

    @on(Brief.Opened)
    def _objective_opened(self, event: Brief.Opened) -> None:
        """Show the visible part of a symptom."""
        seen = None if self.desk.exam else self.desk.seen
        self.app.push_screen(Page(*objective_page(event.symptom, self.desk.symptoms, seen)))

    @work(group="dialog", exclusive=True)
    async def action_diagnose(self) -> None:
        """Ask for the causes behind the symptoms; they can be changed until the end."""
        from lab.tui.screens.diagnosis import Diagnosis  # noqa: PLC0415 -- for the first screen's sake

        if await self.app.push_screen_wait(Diagnosis(self.desk)):
            self.notify(f"Saved: {words.causes(*self.desk.causes)}.", timeout=4)
            self.refresh_known()

    @work(group="dialog", exclusive=True)
    async def action_submit(self) -> None:
        """Ask for confirmation and the diagnosis, look for a minute, and end the attempt."""
        from lab.tui.screens.diagnosis import Diagnosis  # noqa: PLC0415 -- for the first screen's sake
        from lab.tui.screens.submit import Submit  # noqa: PLC0415

        if not await self.app.push_screen_wait(
            Confirm(
                "End the attempt and get the score?",
                f"{words.at_the_end(drill=bool(self.desk.scenario.drill))} "
                "Before that, you choose the cause of each symptom.",
                yes="Submit",
                no="Keep playing",
            )
        ):
            return
        if not await self.app.push_screen_wait(Diagnosis(self.desk, last=True)):
            return
        if await self.app.push_screen_wait(Submit(self.desk)):
            self.end("submitted")

    def submit_in_time(self) -> None:
        """Submit because the deadline has passed, unless a submission is running."""
        from lab.tui.screens.submit import Submit  # noqa: PLC0415 -- for the first screen's sake

        if not self._time_over and not any(isinstance(screen, Submit) for screen in self.app.screen_stack):
            self._time_over = True
            self._submit_now()

    @work(group="dialog", exclusive=True)
    async def _submit_now(self) -> None:
        """Close all dialogs and submit. Of an open diagnosis, the completed answers count."""
        from lab.tui.screens.diagnosis import Diagnosis  # noqa: PLC0415 -- for the first screen's sake
        from lab.tui.screens.submit import Submit  # noqa: PLC0415

        while self.app.screen is not self:
            if isinstance(self.app.screen, Diagnosis):
                self.app.screen.save()
            await self.app.pop_screen()
        worked = await self.app.push_screen_wait(Submit(self.desk, time_over=True))
        self.end("submitted" if worked else "left")

    @work(group="dialog", exclusive=True)
    async def action_leave(self) -> None:
        """Leave; the lab remains and can be resumed."""
        answer = await self.app.push_screen_wait(Leave(may_pause=not self.desk.refusal(Act.PAUSE)))
        if answer == "leave":
            self.end("left")
        elif answer == "pause":
            await self.run_action("pause")

    @on(Hints.Wanted)
    @work(group="dialog", exclusive=True)
    async def _hint_wanted(self, event: Hints.Wanted) -> None:
        wanted = event.wanted
        if wanted.tier is None:
            return
        if wanted.cost and not await self.app.push_screen_wait(
            Confirm(
                f"{wanted.symptom}: {TIER_TITLES[wanted.tier]}?",
                f"All hints for {wanted.symptom} together then cost {wanted.cost} % of what you earn with it.",
                yes="Show it",
            )
        ):
            return
        try:
            hint = self.desk.take_hint(wanted.symptom)
        except LabError as problem:
            self.app.push_screen(Notice("No hint", words.error_text(problem, self.desk.name)))
            return
        self.refresh_known()
        await self.query_one(Hints).read(hint.text)

    @on(Hints.GaveUp)
    @work(group="dialog", exclusive=True)
    async def _gave_up(self) -> None:
        seen = {each.symptom: each for each in self.desk.seen.symptoms} if self.desk.seen else {}
        open_ones = [
            (fault.symptom.name, f"{fault.symptom.name}: {fault.symptom.title}")
            for fault in self.desk.symptoms
            if fault.symptom.name not in seen or not seen[fault.symptom.name].solved
        ]
        if not open_ones:
            self.notify("There is nothing left to repair.")
            return
        chosen = await self.app.push_screen_wait(
            Choose(
                "Which symptom should the lab repair for you?",
                open_ones,
                "The lab repairs this symptom and explains each step. The symptom then earns no points; "
                "the others count as before.",
            )
        )
        if chosen:
            await self.app.push_screen_wait(GiveUp(self.desk, chosen))
            self.look_if_due()
            self.refresh_known()
