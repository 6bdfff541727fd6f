"""Markdown on the screen: escaped characters appear unescaped."""

from textual.app import App, ComposeResult

from lab.debrief.pages import plain
from lab.tui.widgets.prose import Prose
from tests.tui.playing import until_text

SAID = 'Post "https://node:6443/api?a=b&c_d=*e*": context deadline exceeded'


class Page(App[None]):
    def compose(self) -> ComposeResult:
        yield Prose(plain(SAID))


async def test_what_a_command_said_is_shown_as_it_was_said() -> None:
    async with Page().run_test(size=(100, 10)) as pilot:
        await until_text(pilot, SAID)
