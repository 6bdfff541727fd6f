"""The play screen over a toy lab, with scripted shells: for tests of its screens."""

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from lab.core.session import Mode
from lab.lab import Lab
from lab.progress import Progress, Silent
from lab.tui import offers
from lab.tui.app import PlayApp
from lab.tui.child import Runner
from lab.tui.options import PlayOptions
from tests import fakes
from tests.tui.scripted_shell import ScriptedShell, picture, until

__all__ = ["Game", "InProcess", "game", "looks_like", "picture"]

SCREENS = Path(__file__).parent / "screens"


class InProcess:
    """Runs the lab's commands in this process: the toy takes no time."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    async def run(self, *argv: str) -> None:
        command, rest = argv[0], list(argv[1:])
        named = dict(zip(rest[::2], rest[1::2], strict=False))
        if command == "create":
            Lab.create(
                named["--name"],
                Path(rest[-1]),
                backend="sim",
                mode=Mode(named["--mode"]),
                image=None,
                team=named.get("--team", ""),
                progress=self._progress,
            )
            return
        lab = Lab.open(named["--name"])
        if command == "break":
            lab.break_(rest[rest.index("--") + 1 :] if "--" in rest else [], self._progress)
        elif command == "reset":
            lab.reset(self._progress)
        else:
            lab.delete()

    def cancel(self) -> None:
        """Never called in time."""


class _InPlay(PlayApp):
    """An app that goes on with the lab that its options name, before it comes home for the first time."""

    def __init__(self, options: PlayOptions, *, runner: Callable[[Progress], Runner]) -> None:
        super().__init__(replace(options, scenario=""), runner=runner)
        self._chosen: PlayOptions | None = replace(options, scenario="")

    async def _at_home(self) -> PlayOptions | None:
        chosen, self._chosen = self._chosen, None
        return chosen or await super()._at_home()


class Game:
    """An app that plays the toy."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "home"))
        fakes.install(monkeypatch)
        # The home screen's offers must not depend on this machine.
        monkeypatch.setattr(offers, "choose", lambda _asked: "kind")
        self.shells: list[ScriptedShell] = []
        monkeypatch.setattr(fakes.ToyNode, "shell", self._open)
        self.scenario = fakes.write_scenario(tmp_path / "toy")

    def _open(self, rows: int, cols: int) -> ScriptedShell:
        self.shells.append(ScriptedShell(rows, cols))
        self.shells[-1].say("$ ")
        return self.shells[-1]

    @property
    def lab(self) -> Lab:
        return Lab.open("kluster005")

    @property
    def shell(self) -> ScriptedShell:
        """The shell that was opened last."""
        return self.shells[-1]

    def ran(self, text: str, code: int, output: str = "") -> None:
        """Let the shell mark a command that has run."""
        self.shell.say(f"\x1b]633;E;{text};1\x07\x1b]133;C;shell=1\x07{output}\x1b]133;D;{code};shell=1\x07")

    def advise_on_failures(self) -> None:
        """Let the toy's advice about patience come after failures of kubectl. Call it before the play."""
        hints = self.scenario / "toy-hints.yaml"
        hints.write_text(hints.read_text().replace("name: patience,", 'name: patience, "on": kubectl-failed,'))

    def fail_kubectl(self) -> None:
        """Let the shell mark two commands of kubectl that have failed."""
        for _ in range(2):
            self.ran("kubectl get nodes", 1, "The connection to the server k5:6443 was refused")

    def mend(self, *words: str) -> None:
        self.lab.cluster.control_plane.run(["mend", *words])

    @contextlib.asynccontextmanager
    async def home(self, size: tuple[int, int] = (120, 40), **options: object) -> AsyncIterator[Pilot[None]]:
        """The app at home."""
        app = PlayApp(PlayOptions(animation=False, **options), runner=InProcess)  # type: ignore[arg-type]
        async with app.run_test(size=size, notifications=True) as pilot:
            yield pilot

    @contextlib.asynccontextmanager
    async def play(self, size: tuple[int, int] = (120, 40), **options: object) -> AsyncIterator[Pilot[None]]:
        """The app in play, its terminal open; the lab was made ready before there was a screen."""
        asked = PlayOptions(scenario=str(self.scenario), animation=False, **options)  # type: ignore[arg-type]
        Lab.create(
            asked.name,
            self.scenario,
            backend="sim",
            mode=Mode(asked.mode),
            image=None,
            team=asked.team,
            progress=Silent(),
        )
        Lab.open(asked.name).break_(asked.faults, Silent())
        async with _InPlay(asked, runner=InProcess).run_test(size=size, notifications=True) as pilot:
            await shown(pilot, "PlayScreen")
            await _until(pilot, lambda: bool(self.shells))
            yield pilot


@pytest.fixture
def game(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Game:
    return Game(monkeypatch, tmp_path)


async def _until(pilot: Pilot[None], condition: object) -> None:
    await until(pilot, condition)  # type: ignore[arg-type]


async def shown(pilot: Pilot[None], screen: str) -> None:
    """Wait until `screen` (its class's name) is on top."""
    await until(pilot, lambda: type(pilot.app.screen).__name__ == screen)
    await pilot.pause()


async def until_text(pilot: Pilot[None], text: str) -> None:
    """Wait until `text` is on the screen."""
    await until(pilot, lambda: text in " ".join(picture(pilot.app).split()))


def looks_like(app: App[None], name: str) -> None:
    """Compare the screen with the picture of that name; KLUSTER_UPDATE=1 takes a new picture."""
    width, height = app.size
    file = SCREENS / f"{name}-{width}x{height}.txt"
    seen = picture(app)
    if os.environ.get("KLUSTER_UPDATE"):
        SCREENS.mkdir(exist_ok=True)
        file.write_text(seen, encoding="utf-8")
    assert seen == file.read_text(encoding="utf-8"), f"{file} differs; if that is wanted: KLUSTER_UPDATE=1"
