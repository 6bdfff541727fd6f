"""A real browser: Debian's Chromium, driven by Playwright. Only these tests need them."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.serve.serving import Serving, playing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EVENT = """\
schema: 1
title: Friday
seats: 2
people: [{name: Ada}, {name: Grace}]
faults: [distance]
minutes: 30
"""
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_MISSING = (
    "no Playwright, or no axe: pip install '.[browser]'"
    if importlib.util.find_spec("playwright") is None or importlib.util.find_spec("axe_playwright_python") is None
    else ""
    if _CHROMIUM
    else "no Chromium: apt-get install chromium"
)


@pytest.fixture(scope="package")
def browser() -> Iterator["Browser"]:
    """A headless browser. `make e2e` sets KLUSTER_BROWSER; then nothing is skipped.

    It ends with the tests in this folder: its loop runs in this thread, where others could not run theirs.
    """
    if _MISSING:
        if os.environ.get("KLUSTER_BROWSER"):
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- it may not be there

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="package")
def serving(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An event that has begun."""
    del browser  # without a browser, no event is needed
    with playing(tmp_path_factory.mktemp("event"), EVENT) as served:
        yield served
