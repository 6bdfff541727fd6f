"""The README's pictures, taken from the app itself on the simulator: `make screenshots`."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from lab.tui.app import PlayApp
from lab.tui.options import PlayOptions
from lab.tui.terminal import Terminal
from tests.tui.scripted_shell import until

SIZE = (140, 42)
PLAY_SIZE = (120, 37)
#: What is typed in the picture of the play screen, and what shows that it was run. It gives nothing away.
TYPED = (
    ("curl -k https://kubernetes.default.svc/api", "Could not resolve host"),
    ("ls -l /etc/kubernetes/manifests", "kube-scheduler.yaml"),
    ("time kubectl get nodes", "get nodes"),
)


def shot(pilot: Pilot[None], folder: Path, name: str) -> None:
    """Write the screen as a picture."""
    (folder / f"{name}.svg").write_text(pilot.app.export_screenshot(title="Kluster 005"), encoding="utf-8")


async def shown(pilot: Pilot[None], screen: str) -> None:
    await until(pilot, lambda: type(pilot.app.screen).__name__ == screen, 120)
    await pilot.pause()


async def take(folder: Path) -> None:
    """Go through all screens, and take a picture of each."""
    async with PlayApp(PlayOptions(backend="sim", animation=False)).run_test(size=SIZE) as pilot:
        await shown(pilot, "HomeScreen")
        home = pilot.app.screen
        await until(pilot, lambda: home.query_one("#backend").pressed_button is not None)  # type: ignore[attr-defined]
        shot(pilot, folder, "home")
        await pilot.press("f5")
        await shown(pilot, "BootScreen")
        boot = pilot.app.screen
        await until(pilot, lambda: len(boot.query("Steps > Static")) > 2, 60)
        shot(pilot, folder, "boot")
        await until(pilot, lambda: not boot.query_one("#begin").disabled, 120)
        await pilot.press("enter")
        await shown(pilot, "PlayScreen")
        play = pilot.app.screen
        await until(pilot, lambda: play.desk.seen is not None, 60)  # type: ignore[attr-defined]
        # Small enough for an objective of which the title helps to be out of view: the README has no spoilers.
        await pilot.resize_terminal(*PLAY_SIZE)
        terminal = play.query_one("#terminal-control-plane", Terminal)
        await until(pilot, lambda: "#" in text_of(terminal) and terminal.size.width < PLAY_SIZE[0] - 40, 60)
        await pilot.pause(0.5)
        for command, answer in TYPED:
            terminal.put(command)
            await pilot.press("enter")
            await until(pilot, lambda answer=answer: answer in text_of(terminal), 60)  # type: ignore[misc]
        shot(pilot, folder, "play")
        await pilot.resize_terminal(*SIZE)
        await pilot.press("f7")
        await shown(pilot, "Diagnosis")
        shot(pilot, folder, "diagnosis")
        await pilot.press("escape")
        await shown(pilot, "PlayScreen")
        await pilot.press("f9")
        await shown(pilot, "Confirm")
        await pilot.press("y")
        await shown(pilot, "Diagnosis")
        await pilot.click("#ok")
        await shown(pilot, "DebriefScreen")
        await until(pilot, lambda: "again" not in str(pilot.app.screen.query_one("#users-curl").render()), 120)
        shot(pilot, folder, "debrief")


def text_of(terminal: Terminal) -> str:
    return "\n".join(terminal.render_line(row).text for row in range(terminal.size.height))


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["KLUSTER_HOME"] = home
        asyncio.run(take(target))
