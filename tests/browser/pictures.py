"""The README's pictures of pages: `make screenshots`. Four teams of five play, or at least sit there."""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.test_pages import enter, until
from tests.serve.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EVENT = """\
schema: 1
title: Game day
teams:
  - {name: Red, people: [{name: Ada}, {name: Grace}, {name: Barbara}, {name: Frances}, {name: Hedy}]}
  - {name: Blue, people: [{name: Linus}, {name: Dennis}, {name: Ken}, {name: Brian}, {name: Rob}]}
  - {name: Green, people: [{name: Margaret}, {name: Katherine}, {name: Dorothy}, {name: Mary}, {name: Annie}]}
  - {name: Yellow, people: [{name: Alan}, {name: Edsger}, {name: Donald}, {name: Leslie}, {name: Tony}]}
minutes: 90
"""
HERE = ("seat-001", "seat-001.2", "seat-001.3", "seat-002", "seat-002.4", "seat-003", "seat-004.5")
_PATIENCE = 300_000


class Room:
    """The browsers of an event."""

    def __init__(self, browser: "Browser", serving: Serving) -> None:
        self._browser = browser
        self._serving = serving

    def page(self, code: str, *, width: int = 1280, height: int = 800) -> "Page":
        """Open a browser as whoever has `code`."""
        context = self._browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
        context.set_default_timeout(_PATIENCE)
        page = context.new_page()
        enter(page, self._serving.url, code)
        return page

    def take(self, folder: Path) -> None:
        """Play a little, and take the pictures."""
        serving = self._serving
        board = self.page(serving.state["code"], width=1360, height=720)
        board.wait_for_function("() => shown && shown.seats.every((seat) => seat.phase === 'ready')")
        board.click("[data-do=start]")
        pages = {chair: self.page(serving.code(chair)) for chair in HERE}
        for page in pages.values():
            page.wait_for_selector("#line.good")
            until(page, "root@")
        board.wait_for_function("() => shown.seats.every((seat) => seat.looked)")
        grace, ada = pages["seat-001.2"], pages["seat-001"]
        serving.act("gift", seat="seat-003", symptom="silence")
        serving.act("say", words="Welcome. The letters are on the left.")
        pages["seat-002.4"].click("#hand")
        grace.keyboard.press("F8")
        grace.keyboard.type("systemctl is-active kubelet containerd\n")
        until(grace, "active")
        grace.keyboard.press("F12")
        until(grace, "Your team")
        grace.keyboard.type("I look at the control plane, Barbara at the worker\n")
        until(grace, "Grace: I look at the control plane")
        ada.keyboard.type("journalctl -f -u kubelet\n")
        board.wait_for_function("() => document.querySelector('tbody').innerText.includes('Ada: journalctl')")
        board.screenshot(path=folder / "board.png")
        grace.screenshot(path=folder / "seat.png")
        projector = board.context.new_page()
        projector.goto(f"{serving.url}/projector")
        projector.wait_for_selector("tbody tr")
        projector.screenshot(path=folder / "projector.png")


def main() -> int:
    """Write the pictures into the folder that is named."""
    target = Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        serving = Serving(Path(folder) / "event", EVENT)
        serving.begin()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            Room(browser, serving).take(target)
        finally:
            browser.close()
            serving.end()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("KLUSTER_SIM_IDLE", "15")
    sys.exit(main())
