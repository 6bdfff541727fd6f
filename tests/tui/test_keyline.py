"""The line of keys at the bottom: which keys fit, and what the mouse does there."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from lab.tui.widgets.keyline import Key, KeyLine, fitting
from tests.tui.playing import picture
from tests.tui.scripted_shell import until


def key(number: int, description: str) -> Key:
    return Key(
        f"f{number}", f"F{number}", description, f"do({number})", enabled=True, tooltip=f"Does {description}"
    )


KEYS = [
    key(number, description) for number, description in enumerate(("Keys", "Shell", "Grade", "Leave"), start=1)
]


def names(room: int, *lesser: str) -> list[str]:
    return [each.description for each in fitting(KEYS, room, lesser)]


def test_keys_are_left_out_whole_and_never_the_last_one() -> None:
    # Each takes two columns more than its words: "F1 Keys ".
    assert names(35) == ["Keys", "Shell", "Grade", "Leave"]
    assert names(34) == ["Keys", "Shell", "Leave"]
    assert names(25) == ["Keys", "Leave"]
    assert names(0) == ["Leave"]


def test_lesser_keys_are_left_out_first() -> None:
    assert names(34, "do(1)", "do(2)") == ["Shell", "Grade", "Leave"]
    assert names(26, "do(1)", "do(2)") == ["Grade", "Leave"]


class Line(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "do(1)", "Keys", tooltip="Show the keys"),
        Binding("f2", "do(2)", "Shell", tooltip="Go to the shell"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[int] = []
        self.can = True

    def compose(self) -> ComposeResult:
        yield KeyLine()

    def action_do(self, number: int) -> None:
        self.done.append(number)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.can or (action, parameters) != ("do", (2,))


async def test_a_click_presses_the_key_below_it() -> None:
    app = Line()
    async with app.run_test(size=(40, 3)) as pilot:
        await until(pilot, lambda: "f1 Keys f2 Shell" in picture(app))
        await pilot.click(KeyLine, offset=(10, 0))
        await until(pilot, lambda: app.done == [2])
        # Between two keys, and beyond the last one.
        await pilot.click(KeyLine, offset=(7, 0))
        await pilot.click(KeyLine, offset=(30, 0))
        await pilot.click(KeyLine, offset=(6, 0))
        await until(pilot, lambda: app.done == [2, 1])


async def test_the_mouse_shows_what_a_key_does() -> None:
    app = Line()
    async with app.run_test(size=(40, 3)) as pilot:
        line = app.query_one(KeyLine)
        await until(pilot, lambda: "f1 Keys f2 Shell" in picture(app))
        await pilot.hover(KeyLine, offset=(10, 0))
        assert line.tooltip == "Go to the shell"
        await pilot.hover(KeyLine, offset=(30, 0))
        assert line.tooltip is None


async def test_keys_come_and_go_with_what_can_be_done() -> None:
    app = Line()
    async with app.run_test(size=(40, 3)) as pilot:
        await until(pilot, lambda: "f1 Keys f2 Shell" in picture(app))
        app.can = False
        app.refresh_bindings()
        await until(pilot, lambda: "f2 Shell" not in picture(app))
        assert "f1 Keys" in picture(app)
