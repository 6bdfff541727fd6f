"""The timeline of a debrief draws what is displayed, however long the attempt was."""

import gc
import re
from functools import partial

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.strip import Strip

from lab.debrief.moments import Moment
from lab.tui.widgets.happened import Happened
from tests.tui.playing import picture
from tests.tui.scripted_shell import until


class Timeline(App[None]):
    """A timeline of `texts`, a second each."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.moments = [Moment(number, "command", text) for number, text in enumerate(texts)]

    def compose(self) -> ComposeResult:
        yield Happened(self.moments)


def on_screen(app: Timeline, words: str) -> bool:
    return re.search(rf"{words}\b", picture(app)) is not None


async def test_each_event_has_its_time_and_long_ones_are_wrapped() -> None:
    app = Timeline("$ one two three four five", "$ short\n", "$ 日本語日本語日本語", "$ \x1b[31mred")
    async with app.run_test(size=(26, 10)) as pilot:
        assert picture(app).split("\n")[:6] == [
            "0:00  $ one two three",
            "      four five",
            "0:01  $ short",
            "0:02  $",
            "      日本語日本語日本語",
            "0:03  $ red",
        ]
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert picture(app).split("\n")[:2] == ["0:00  $ one two three four five", "0:01  $ short"]
        assert {cell_len(line) for line in picture(app).split("\n")} <= set(range(41))


async def test_of_thousands_of_events_only_displayed_lines_take_memory() -> None:
    app = Timeline(*(f"$ kubectl get pods -A -o wide {number}" for number in range(3000)))
    async with app.run_test(size=(80, 20)) as pilot:
        gc.collect()
        before = sum(type(each) is Strip for each in gc.get_objects())
        for top in range(0, 3000, 100):
            app.query_one(Happened).scroll_to(y=top, animate=False)
            await until(pilot, partial(on_screen, app, f"wide {top}"))
        await pilot.press("end")
        await until(pilot, partial(on_screen, app, "wide 2999"))
        gc.collect()
        assert sum(type(each) is Strip for each in gc.get_objects()) < before + 300
