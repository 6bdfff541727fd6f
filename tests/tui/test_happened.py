"""The timeline of a debrief draws what is displayed, however long the attempt was."""

import gc

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.strip import Strip

from lab.debrief.moments import Moment
from lab.tui.widgets.happened import Happened
from tests.tui.playing import picture


class Timeline(App[None]):
    """A timeline of `texts`, a second each."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.moments = [Moment(number, "command", text) for number, text in enumerate(texts)]

    def compose(self) -> ComposeResult:
        yield Happened(self.moments)


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
        for top in range(0, 3000, 50):
            app.query_one(Happened).scroll_to(y=top, animate=False, immediate=True)
            await pilot.pause()
        assert "wide 2950" in picture(app)
        gc.collect()
        # The widget, Textual's caches and the picture hold the 20 displayed lines; 60 views had 1,200.
        assert sum(type(each) is Strip and "wide" in each.text for each in gc.get_objects()) < 300
