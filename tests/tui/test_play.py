"""Playing, over a toy: from the letters to the terminal and the end."""

import threading
from collections.abc import Callable

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList

from lab.core.session import State
from lab.errors import LabError
from lab.lab import Lab
from lab.places import attempts_folder
from lab.store import Store
from lab.tui import offers
from lab.tui.from_thread import show_from_thread
from lab.tui.screens import debrief, home
from lab.tui.screens.home import HomeScreen
from lab.tui.screens.play import PlayScreen
from tests import fakes
from tests.tui.playing import Game, InProcess, game, picture, shown, until_text
from tests.tui.scripted_shell import amid_work, until

__all__ = ["game"]


def kinds(name: str = "kluster005") -> list[str]:
    return [event.kind for event in Store(name).timeline()]


async def leave(pilot: Pilot[None]) -> None:
    """Leave by key; the pilot's own key press would wait for an app that has ended."""
    await pilot.press("f10")
    await shown(pilot, "Leave")
    pilot.app.post_message(events.Key("y", "y"))
    await amid_work(lambda: not pilot.app.is_running)


async def test_from_the_letters_to_the_end(game: Game) -> None:
    async with game.home(scenario=str(game.scenario)) as pilot:
        await shown(pilot, "BootScreen")
        await until_text(pilot, "the clock runs")
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")
        await until(pilot, lambda: bool(game.shells))
        await until_text(pilot, "✗ port 0 of 40")
        game.mend("left", "right")
        await pilot.press("f5")
        await until_text(pilot, "✓ port 40 of 40 repaired")
        await until_text(pilot, "Everything is repaired.")
        await pilot.press("f9")
        await shown(pilot, "Confirm")
        await pilot.press("y")
        await shown(pilot, "Diagnosis")
        await pilot.click("#ok")
        await shown(pilot, "DebriefScreen")

    assert game.lab.session.state is State.SOLVED


async def play_again(pilot: Pilot[None], *keys: str) -> None:
    """Choose `keys` at the debrief's retry, and go on to the play screen."""
    await shown(pilot, "DebriefScreen")
    await pilot.press("r")
    await shown(pilot, "Choose")
    await pilot.press(*keys, "enter")
    await until_text(pilot, "the clock runs")
    await pilot.press("enter")
    await shown(pilot, "PlayScreen")


async def test_the_same_again_repeats_only_the_practised_part(game: Game) -> None:
    async with game.play(faults=("starboard",)) as pilot:
        game.lab.submit()
        await play_again(pilot)
        assert game.lab.session.injected == ["right"]
        game.lab.submit()
        await play_again(pilot, "down")
        assert game.lab.session.injected == ["left", "right"]
        game.lab.submit()
        await play_again(pilot, "down")
        assert game.lab.session.injected == ["left"]


async def test_an_objective_turns_without_a_button(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        game.mend("left")
        game.ran("mend left", 0)

        await until_text(pilot, "✓ port 40 of 40 repaired")


async def test_keys_are_the_shells_but_the_apps(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("ctrl+p", "ctrl+q", "ctrl+w", "ctrl+r", "escape")
        await until(pilot, lambda: game.shell.typed == b"\x10\x11\x17\x12\x1b")
        await pilot.press("ctrl+g", "h")
        await until(pilot, lambda: isinstance(pilot.app.focused, OptionList))
        await pilot.press("f3", "ctrl+g", "ctrl+g")
        await until(pilot, lambda: game.shell.typed.endswith(b"\x07"))


async def test_function_keys(game: Game) -> None:
    async with game.play((80, 24)) as pilot:
        for key, seen in (("f1", "Here, in the terminal"), ("f7", "What caused"), ("f2", "ship leans")):
            await pilot.press(key)
            await until_text(pilot, seen)
            await pilot.press("escape")


async def test_a_hint_says_its_cost_first(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.press("f4", "enter")
        await until_text(pilot, "hint 0 for port")
        await pilot.press("enter")
        await shown(pilot, "Confirm")
        assert "10 %" in picture(pilot.app)
        await pilot.press("escape")
        await shown(pilot, "PlayScreen")
        assert game.lab.session.hint_tiers == {"left": 0}
        await pilot.press("enter")
        await shown(pilot, "Confirm")
        await pilot.press("y")
        await until_text(pilot, "hint 1 for port")

    assert game.lab.session.hint_tiers == {"left": 1}


async def test_a_wait_that_was_cut_short_brings_advice(game: Game) -> None:
    hints = game.scenario / "toy-hints.yaml"
    hints.write_text(hints.read_text().replace("name: patience,", 'name: patience, "on": cut-short,'))
    async with game.play() as pilot:
        desk = pilot.app.screen.desk  # type: ignore[attr-defined]
        times = iter([0.0, 6.0])
        terminal = pilot.app.screen.query_one("#terminal-control-plane")
        terminal._marks._clock = lambda: next(times)  # type: ignore[attr-defined]
        game.ran("curl -k https://kubernetes.default.svc/api", 130, "^C")
        await until_text(pilot, "curl was cut off after 6 s")
        await until_text(pilot, "It takes time.")
        assert desk.session.hint_tiers == {}

    told = [kind for kind in kinds() if kind in {"command", "cut-short", "advice"}]
    assert told == ["command", "cut-short", "advice"]


async def test_kubectl_that_fails_twice_brings_advice(game: Game) -> None:
    game.advise_on_failures()
    async with game.play() as pilot:
        game.fail_kubectl()

        await until_text(pilot, "kubectl failed 2 times")


async def test_half_a_repair_brings_the_hint_that_fits_it(game: Game) -> None:
    hints = game.scenario / "toy-hints.yaml"
    half = (
        "hints:\n- {name: half, fault: right, tier: 0, text: 'And at night?',\n"
        "   when: [{check: left-whole, status: pass}, {check: right-whole, status: fail}]}\n"
    )
    hints.write_text(hints.read_text().replace("hints:\n", half, 1))
    async with game.play() as pilot:
        await until_text(pilot, "✗ port 0 of 40")
        assert "half done" not in picture(pilot.app)
        game.mend("left")
        await pilot.press("f5")
        await until_text(pilot, "starboard: the repair is half done.")
        await until_text(pilot, "And at night?")
        assert kinds().count("advice") == 1
        await pilot.press("f5")
        await until(pilot, lambda: kinds().count("advice") == 1)

    assert game.lab.session.hint_tiers == {}


async def test_an_exam_keeps_quiet(game: Game) -> None:
    async with game.play(mode="exam") as pilot:
        await until_text(pilot, "In an exam")
        assert "how to look" not in picture(pilot.app)
        assert "Repair one of them" not in picture(pilot.app)
        assert "0 of 40" not in picture(pilot.app)
        await pilot.press("f5")
        await until_text(pilot, "An exam shows no states and no")
        game.ran("kubectl get nodes", 1)
        game.ran("kubectl get nodes", 1)
        await until(pilot, lambda: kinds().count("command") == 2)
        assert "advice" not in kinds()
        assert pilot.app.screen.desk.seen is None  # type: ignore[attr-defined]


async def test_a_game_day_names_the_team_and_the_file(game: Game) -> None:
    async with game.play((200, 60), mode="game-day", team="Red Pandas") as pilot:
        await until_text(pilot, "game-day Red Pandas")
        game.lab.submit()
        await shown(pilot, "DebriefScreen")
        [kept] = attempts_folder().iterdir()

        await until_text(pilot, f"The result of team Red Pandas is in a file for the host: {kept}")


async def test_repair_this_one_for_me(game: Game) -> None:
    async with game.play() as pilot:
        await until_text(pilot, "✗ port")
        await pilot.press("f4", "end", "enter")
        await shown(pilot, "Choose")
        await pilot.press("enter")
        await shown(pilot, "GiveUp")
        await until_text(pilot, "Done. Esc closes")
        assert "It leaks." in picture(pilot.app)
        await pilot.press("escape")
        await until_text(pilot, "✓ port 0 of 40 repaired")

    assert game.lab.session.viewed == ["left"]
    assert "gave-up" in kinds()


async def test_leaving_keeps_the_lab_and_playing_resumes_it(game: Game) -> None:
    async with game.play() as pilot:
        await leave(pilot)
    assert game.lab.session.state is State.BROKEN

    async with game.home() as pilot:
        await until_text(pilot, "under repair")
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")


async def test_home_and_debrief_can_be_left_before_they_know_all(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, asking = threading.Event(), threading.Event()

    def slow(_asked: object) -> str:
        asking.set()
        assert asked.wait(20)
        return "kind"

    async with game.play() as pilot:
        await leave(pilot)
    monkeypatch.setattr(offers, "choose", slow)
    monkeypatch.setattr(Lab, "users_curl", lambda self: slow(self) and [])
    late: list[str] = []

    def show(screen: Screen[object], shown: Callable[..., object], *args: object) -> None:
        try:
            show_from_thread(screen, shown, *args)
        finally:
            late.append(shown.__name__)

    monkeypatch.setattr(home, "show_from_thread", show)
    monkeypatch.setattr(debrief, "show_from_thread", show)
    async with game.home() as pilot:
        await until_text(pilot, "under repair")
        await until(pilot, asking.is_set)
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")
        asked.set()
        await until(pilot, lambda: "_show_backends" in late)
        asked.clear()
        asking.clear()
        game.lab.submit()
        await shown(pilot, "DebriefScreen")
        await until(pilot, asking.is_set)
        await pilot.press("h")
        await shown(pilot, "HomeScreen")
        asked.set()
        await until(pilot, lambda: "_show_curl" in late)
        await until_text(pilot, "a real cluster in Docker,")


async def test_a_name_that_is_taken_is_asked_about(game: Game) -> None:
    async with game.play() as pilot:
        await leave(pilot)
    async with game.home(scenario=str(game.scenario)) as pilot:
        await shown(pilot, "Choose")
        await pilot.press("down", "enter")
        await shown(pilot, "BootScreen")
        await until_text(pilot, "the clock runs")

    assert kinds().count("broken") == 2


async def test_failures_at_boot_are_reported(game: Game) -> None:
    fakes.ToyCluster.surprises["create"] = LabError("The disk is full.", "0 bytes", "Make room.")
    async with game.home(scenario=str(game.scenario)) as pilot:
        await until_text(pilot, "The disk is full. 0 bytes → Make room.")
        offered = {key.binding.description for key in pilot.app.screen.active_bindings.values() if key.enabled}
        assert "Back" in offered
        assert not offered & {"Begin", "Cancel"}
        await pilot.press("escape")

        await shown(pilot, "HomeScreen")


async def test_a_cluster_that_can_not_be_reset_makes_way_for_a_new_one(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, ...]] = []

    async def run(_self: InProcess, *argv: str) -> None:
        ran.append(argv)

    async with game.play() as pilot:
        await leave(pilot)
    fakes.ToyCluster.surprises["is-active"] = LabError("The runtime is gone.")
    async with game.home(scenario=str(game.scenario)) as pilot:
        await shown(pilot, "Choose")
        await pilot.press("down", "enter")
        await until_text(pilot, "could not be reset: The runtime is gone.")
        with Store("kluster005").update() as session:
            session.seed = 3
        monkeypatch.setattr(InProcess, "run", run)
        await pilot.press("f5")
        await until_text(pilot, "the clock runs")
        assert not pilot.app.screen.query_one("#anew").display

    assert [argv[0] for argv in ran] == ["delete", "create", "break"]
    create = " ".join(ran[1])
    assert "--backend sim --mode training" in create
    assert "--seed 3" in create
    assert create.endswith(str(game.scenario))


async def test_a_window_that_nothing_fits_into(game: Game) -> None:
    async with game.play() as pilot:
        await pilot.resize_terminal(20, 5)
        await shown(pilot, "TooSmall")
        assert "20x5" in picture(pilot.app)
        await pilot.resize_terminal(100, 30)

        await shown(pilot, "PlayScreen")


async def test_the_terminal_fills_the_window(game: Game) -> None:
    async with game.play() as pilot:
        before = game.shell.sizes[-1]
        await pilot.press("f8")
        await until(pilot, lambda: game.shell.sizes[-1][1] > before[1])
        await pilot.press("f8")
        await until(pilot, lambda: game.shell.sizes[-1] == before)


async def test_the_other_nodes_shell_opens_when_it_is_shown(game: Game) -> None:
    async with game.play() as pilot:
        assert len(game.shells) == 1
        await pilot.press("f6")
        await until(pilot, lambda: len(game.shells) == 2)
        screen = pilot.app.screen
        assert isinstance(screen, PlayScreen)
        await pilot.press("ctrl+g", "n")
        await until(pilot, lambda: pilot.app.focused is screen.query_one("#terminal-control-plane"))


async def test_home_asks_for_the_team_of_a_game_day(game: Game) -> None:
    async with game.home() as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, HomeScreen)
        await until_text(pilot, "a real cluster in Docker,")
        assert not screen.query_one(Input).display
        await pilot.click("#mode-game-day")
        await until(pilot, lambda: bool(screen.query_one(Input).display))
        await pilot.press("f5")
        await until_text(pilot, "needs the team's name")


async def test_the_page_about_keys_begins_with_those_of_the_focused_part(game: Game) -> None:
    async with game.play() as pilot:
        for key, seen in (("f2", "in the brief"), ("f3", "in the terminal"), ("f4", "in the list of hints")):
            await pilot.press(key, "f1")
            await shown(pilot, "Page")
            await until_text(pilot, f"Here, {seen}")
            await pilot.press("escape")
            await shown(pilot, "PlayScreen")


async def test_home_says_all_that_keeps_a_backend_from_being_used(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_asked: str) -> str:
        raise LabError(
            "Docker does not answer at unix:///var/run/docker.sock.", "It said no.", "Start it, and see."
        )

    monkeypatch.setattr(offers, "choose", refuse)
    async with game.home((80, 24)) as pilot:
        await until_text(
            pilot, "Docker does not answer at unix:///var/run/docker.sock. It said no. Start it, and see."
        )
        await until_text(pilot, "A cluster that a janitor and an auditor have secured together.")
