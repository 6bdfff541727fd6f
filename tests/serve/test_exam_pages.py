"""A hosted exam: a seat shows the pages of kubernetes.io that may be opened, as whole links."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.catalog import CATALOG
from lab.core.load import load
from lab.places import hints_folder, scenarios_folder
from tests.serve.player import Player
from tests.serve.serving import Serving

_EVENT = "schema: 1\ntitle: Exam\nmode: exam\nseats: 1\nfaults: [silence]\n"
_F4 = b"\x1bOS"
#: The address of a link on the screen, which may be wrapped there.
_LINK = re.compile(rb"\x1b\]8;[^;]*;([^\x1b\x07]+)")


@pytest.fixture
def exam(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path / "exam", _EVENT)
    serving.begin("--workers", "1")
    try:
        serving.until_phase("ready")
        serving.act("start")
        yield serving
    finally:
        serving.abandon()


async def links(exam: Serving) -> set[str]:
    """Return the links that F4 shows at the seat, on a screen that is high enough for all."""
    player = Player(exam.url, exam.cookie("seat-001"), size=(200, 90))
    staying = asyncio.create_task(player.stay())
    await player.until(b"root@")
    player.forget()
    await player.type(_F4)
    await player.wait(lambda: len(set(_LINK.findall(bytes(player.output)))) >= len(allowed()))
    staying.cancel()
    await asyncio.gather(staying, return_exceptions=True)
    await player.close()
    return {each.decode() for each in _LINK.findall(bytes(player.output))}


def allowed() -> set[str]:
    """Return the pages of the symptom's exam domains."""
    loaded = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
    fault = next(each for each in loaded.scenario.faults if each.symptom.name == "silence")
    return {page.url for page in loaded.pages if fault.domains & set(page.domains)}


def test_the_allowed_pages_are_links_at_a_seat(exam: Serving) -> None:
    shown = asyncio.run(links(exam))

    assert len(allowed()) > 2
    assert shown == allowed()
    debrief = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG).debrief
    assert not [each for each in shown if each.rstrip("/") in debrief]
