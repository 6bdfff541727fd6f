"""The panel of hints: its list, which is always current, its commands, and the pages that an exam allows."""

import asyncio
import json
import shutil

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot

from lab.catalog import CATALOG
from lab.core.load import load
from lab.places import hints_folder, scenarios_folder
from lab.tui.snippets import Snippet, snippets
from lab.tui.widgets.hints import Hints
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.walk import Stop, Walk
from tests.tui.playing import Game, game, picture, shown, until_text
from tests.tui.scripted_shell import until

__all__ = ["game"]

KLUSTER005 = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
LONG = (
    "crictl exec $(crictl ps -q --name probe) curl -s -m 5 http://ADDRESS:8080/hostname "
    "| tr '[:upper:]' '[:lower:]' | tac"
)


def offered(pilot: Pilot[None]) -> list[str]:
    return [str(option.prompt) for option in pilot.app.screen.query_one(Hints).query_one("#hints")._options]  # type: ignore[attr-defined]


def stops(pilot: Pilot[None]) -> list[Stop]:
    """Return the commands that can be chosen in the text."""
    return pilot.app.screen.query_one(Hints).query_one(Walk).stops


def write_hint(game: Game, text: str) -> None:
    """Give the first hint for port another text."""
    hints = game.scenario / "toy-hints.yaml"
    hints.write_text(hints.read_text().replace("'hint 0 for port'", json.dumps(text)))


# --- commands ---


def test_a_command_is_what_stands_before_its_remark() -> None:
    code = (
        "crictl ps -a        # all of them\necho '#'  # a remark\n# only a remark\n\nls \\\n  -l\n"
        "cat <<'END'\na  # b\nEND\n"
    )

    assert list(snippets(code)) == [
        Snippet("crictl ps -a", "all of them"),
        Snippet("echo '#'", "a remark"),
        Snippet("", "only a remark"),
        Snippet("ls \\\n  -l"),
        Snippet("cat <<'END'\na  # b\nEND"),
    ]


async def parses(command: str) -> bool:
    bash = await asyncio.create_subprocess_exec("bash", "-n", "-c", command)
    return await bash.wait() == 0


class Everything(App[None]):
    """All hints of the scenario."""

    def compose(self) -> ComposeResult:
        for hint in KLUSTER005.hints:
            yield Prose(hint.text, commands=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
async def test_all_commands_in_hints_can_be_typed_and_are_whole_at_any_width() -> None:
    app = Everything()
    async with app.run_test() as pilot:
        await pilot.pause()
        found = [stop.choice for stop in app.query(Stop)]
    assert len(found) > 60
    for command in found:
        assert "  #" not in command
        assert await parses(command), command
        for width in range(20, len(command) + 2):
            lines = [line.plain for line in Content(command).wrap(width)]
            assert max(map(len, lines)) <= width
            assert "".join("".join(lines).split()) == "".join(command.split())


class Narrowing(App[None]):
    """The longest commands of the hints, in a page as wide as the window."""

    def compose(self) -> ComposeResult:
        commands = {each.command for hint in KLUSTER005.hints for each in snippets(hint.text)}
        longest = sorted((each for each in commands if "\n" not in each), key=len)[-3:]
        with Walk():
            yield Prose("\n".join(["```", *longest, LONG, "```"]), commands=True)


async def test_commands_are_whole_in_a_panel_of_any_width() -> None:
    """Windows of 60 to 250 columns have panels of 36 to 246; beyond 130, no command wraps."""
    app = Narrowing()
    async with app.run_test(size=(250, 60)) as pilot:
        await until(pilot, lambda: len(app.query(Stop)) == 4)
        for width in (250, 200, 160, *range(130, 29, -4), 38, 37, 36):
            await pilot.resize_terminal(width, 60)
            for stop in app.query(Stop):
                seen = "".join(line.text for line in stop.render_lines(stop.size.region))
                assert "".join(seen.split()) == "".join(stop.choice.split()), width
                assert app.screen.region.contains_region(stop.region), width


async def test_a_long_command_is_never_cut_off(game: Game) -> None:
    write_hint(game, f"Look:\n\n    {LONG}")
    async with game.play((60, 40)) as pilot:
        await pilot.press("f4", "home", "enter")
        await until(pilot, lambda: bool(stops(pilot)))
        for width in (60, 80, 109, 110, 140, 169, 170, 250):
            await pilot.resize_terminal(width, 40)
            await until(pilot, lambda width=width: pilot.app.screen.size.width == width)  # type: ignore[misc]
            stop = stops(pilot)[0]
            seen = "".join("".join(line.text for line in stop.render_lines(stop.size.region)).split())
            assert seen == "".join(LONG.split()), width
            region = stop.region
            inside = pilot.app.screen.query_one(Hints).content_region
            assert inside.contains_region(region), width


async def test_a_key_puts_a_command_into_the_line_unsent(game: Game) -> None:
    write_hint(game, "Look:\n\n    crictl ps -a     # all\n    crictl pods\n")
    async with game.play() as pilot:
        await pilot.press("f4", "home", "enter")
        await until_text(pilot, "i: command into the terminal")
        await pilot.press("i")
        await until(pilot, lambda: game.shell.typed.endswith(b"crictl ps -a"))
        terminal = pilot.app.screen.query_one("#terminal-control-plane")
        assert pilot.app.focused is terminal
        await pilot.press("f4", "tab", "down", "enter")
        await until(pilot, lambda: game.shell.typed.endswith(b"crictl pods"))

    assert game.shell.typed == b"\x05\x15crictl ps -a\x05\x15crictl pods"


async def test_a_click_puts_it_there_too(game: Game) -> None:
    write_hint(game, "Look:\n\n    crictl ps -a     # all\n")
    async with game.play() as pilot:
        await pilot.press("f4", "home", "enter")
        await until(pilot, lambda: bool(stops(pilot)))
        await pilot.pause()
        await pilot.click(stops(pilot)[0])
        await until(pilot, lambda: game.shell.typed == b"\x05\x15crictl ps -a")


async def test_a_program_that_runs_is_not_typed_into(game: Game) -> None:
    write_hint(game, "Look:\n\n    crictl ps -a     # all\n")
    async with game.play() as pilot:
        game.shell.say("\x1b]633;E;top;1\x07\x1b]133;C;shell=1\x07")
        terminal = pilot.app.screen.query_one("#terminal-control-plane")
        await until(pilot, lambda: terminal.busy)  # type: ignore[attr-defined]
        await pilot.press("f4", "home", "enter")
        await until_text(pilot, "i: command into the terminal")
        await pilot.press("i")
        await until(pilot, lambda: pilot.app.clipboard == "crictl ps -a")

        assert game.shell.typed == b""


# --- the list ---


async def test_bought_hints_are_listed_by_level_and_read_again_for_nothing(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("f4", "home", "enter")
        await until_text(pilot, "hint 0 for port")
        await pilot.press("enter")
        await shown(pilot, "Confirm")
        await pilot.press("y")
        await until_text(pilot, "hint 1 for port")
        assert offered(pilot)[:4] == [
            "port  what: 20 % of its points",
            "  ✓ how to look",
            "  ✓ where",
            "starboard  how to look: free",
        ]
        before = game.lab.session.hint_tiers
        await pilot.press("down")
        await until_text(pilot, "hint 0 for port")
        await pilot.press("down", "enter")
        await until_text(pilot, "hint 1 for port")
        await shown(pilot, "PlayScreen")
        assert game.lab.session.hint_tiers == before == {"left": 1}


async def test_a_hint_that_another_terminal_takes_is_listed(game: Game) -> None:
    async with game.play() as pilot:
        assert "  ✓ how to look" not in offered(pilot)
        game.lab.hint("starboard")
        await until(pilot, lambda: "  ✓ how to look" in offered(pilot))


async def test_nothing_is_offered_for_repaired_symptoms(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 40 of 40")
        assert offered(pilot)[0] == "port  repaired"
        await pilot.press("f4", "home", "enter")
        await pilot.pause()
        assert game.lab.session.hint_tiers == {}


async def test_advice_about_half_a_repair_goes_when_it_is_whole(game: Game) -> None:
    hints = game.scenario / "toy-hints.yaml"
    half = (
        "hints:\n- {name: half, fault: right, tier: 0, text: 'And at night?',\n"
        "   when: [{check: left-whole, status: pass}, {check: right-whole, status: fail}]}\n"
    )
    hints.write_text(hints.read_text().replace("hints:\n", half, 1))
    async with game.play((200, 60)) as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "And at night?")
        game.mend("right")
        await pilot.press("f5")
        await until_text(pilot, "✓ starboard 40 of 40")
        await until(pilot, lambda: "And at night?" not in picture(pilot.app))
        because = pilot.app.screen.query_one(Hints).query_one(".because")

        assert not because.display


async def test_advice_about_a_failure_goes_once_an_objective_changes(game: Game) -> None:
    game.advise_on_failures()
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        game.fail_kubectl()
        await until_text(pilot, "It takes time.")
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 40 of 40")

        await until(pilot, lambda: "It takes time." not in picture(pilot.app))


# --- pages ---


@pytest.mark.parametrize("mode", ["training", "exam"])
async def test_pages_of_the_symptoms_domain_are_there_from_the_first_minute(game: Game, mode: str) -> None:
    async with game.play(mode=mode) as pilot:
        await pilot.press("f4")
        if mode == "training":
            await pilot.press("end", "up", "enter", "tab")
        await until_text(pilot, "https://kubernetes.io/docs/ships/")
        assert "trains" not in picture(pilot.app)
        panel = pilot.app.screen.query_one(Hints)
        await until(pilot, lambda: panel.query_one(Walk).has_focus)
        await pilot.press("enter")

        assert pilot.app.clipboard == "https://kubernetes.io/docs/ships/"


def test_each_symptom_has_pages_and_none_that_names_its_cause() -> None:
    secrets = ("etcd", "quota", "sysctl", "forward", "polic", "pod-security", "admission", "compact")
    for fault in KLUSTER005.scenario.faults:
        pages = [page for page in KLUSTER005.pages if fault.domains & set(page.domains)]
        assert pages, fault.name
        assert [page for page in pages for word in secrets if word in f"{page.title} {page.url}".lower()] == []
