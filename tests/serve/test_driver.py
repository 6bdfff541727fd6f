"""The driver of a seat: the output for its viewer, and for a viewer that falls behind."""

import asyncio
from typing import Any

import pytest
from textual import events

from lab.serve.seats.driver import SeatDriver


class _App:
    """The part of an app that a driver uses."""

    def __init__(self) -> None:
        self.messages: list[object] = []
        self.asked = 0
        self.place = self

    def came(self) -> None:
        """Handle that there is a driver."""

    def post_message(self, message: object) -> None:
        self.messages.append(message)

    def call_later(self, call: Any) -> None:
        call()

    def refresh_all(self) -> None:
        self.asked += 1


class _Viewer:
    def __init__(self) -> None:
        self.shown: list[bytes] = []

    def show(self, data: bytes) -> None:
        self.shown.append(data)

    @property
    def count(self) -> int:
        return sum(map(len, self.shown))


@pytest.fixture
def app() -> _App:
    return _App()


def run(app: _App, work: Any) -> None:
    async def begin() -> None:
        await work(SeatDriver(app, size=(80, 24)))  # type: ignore[arg-type]

    asyncio.run(begin())


def test_the_screen_is_laid_out_again_only_for_another_size(app: _App) -> None:
    async def work(driver: SeatDriver) -> None:
        driver.start_application_mode()
        driver.resize(80, 24)
        driver.resize(120, 37)
        driver.resize(120, 37)
        driver.resize(80, 24)

    run(app, work)
    sizes = [tuple(each.size) for each in app.messages if isinstance(each, events.Resize)]
    assert sizes == [(80, 24), (120, 37), (80, 24)]


def test_nothing_is_drawn_while_nobody_looks(app: _App) -> None:
    async def work(driver: SeatDriver) -> None:
        assert driver.is_headless
        driver.write("lost")
        viewer = _Viewer()
        driver.attach(viewer)
        assert not driver.is_headless
        assert driver.whole
        assert app.asked == 1
        driver.write("one ")
        driver.write("two")
        await asyncio.sleep(0)
        assert viewer.shown[0].startswith(b"\x1bc")
        # Output of one turn of the loop is one piece.
        assert viewer.shown[1:] == [b"one two"]
        driver.detach(viewer)
        driver.write("lost")
        await asyncio.sleep(0)
        assert len(viewer.shown) == 2

    run(app, work)


def test_a_viewer_that_falls_behind_gets_the_whole_screen_once(app: _App) -> None:
    async def work(driver: SeatDriver) -> None:
        viewer = _Viewer()
        driver.attach(viewer)
        for _ in range(1000):
            driver.write("x" * 1000)
            await asyncio.sleep(0)
        assert driver.is_headless
        assert viewer.count < 250_000
        driver.whole = False
        driver.displayed(viewer, viewer.count // 2)
        assert driver.is_headless
        driver.displayed(viewer, viewer.count)
        assert not driver.is_headless
        assert driver.whole
        assert driver.skips == 1
        assert app.asked == 2
        driver.displayed(viewer, 10**12)
        driver.write("y")
        await asyncio.sleep(0)
        assert viewer.shown[-1] == b"y"

    run(app, work)


def test_a_viewer_that_is_behind_holds_up_no_other(app: _App) -> None:
    async def work(driver: SeatDriver) -> None:
        slow, quick = _Viewer(), _Viewer()
        driver.attach(slow)
        for _ in range(1000):
            driver.write("x" * 1000)
            await asyncio.sleep(0)
        driver.attach(quick)
        assert not driver.is_headless
        count = slow.count
        driver.write("for the quick one")
        await asyncio.sleep(0)
        assert slow.count == count
        assert quick.shown[-1] == b"for the quick one"
        driver.detach(quick)
        assert driver.is_headless
        driver.displayed(slow, slow.count)
        driver.displayed(quick, quick.count)
        driver.write("for the slow one")
        await asyncio.sleep(0)
        assert slow.shown[-1] == b"for the slow one"

    run(app, work)


def test_keys_split_over_pieces_are_whole(app: _App) -> None:
    async def work(driver: SeatDriver) -> None:
        for piece in (b"\xc3", b"\xbc", b"\x1b[", b"21~", b"\x1bb"):
            driver.type(piece)
        keys = [getattr(message, "key", None) for message in app.messages]
        assert keys == ["u_umlaut", "f10", "alt+b"] or keys[1:] == ["f10", "alt+b"]
        assert len(keys) == 3

    run(app, work)


def test_nothing_reaches_the_server(app: _App, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    import io  # noqa: PLC0415
    import webbrowser  # noqa: PLC0415

    async def work(driver: SeatDriver) -> None:
        monkeypatch.setattr(webbrowser, "open", lambda *_: pytest.fail("it opened a browser on the server"))
        driver.open_url("https://example.org")
        driver.deliver_binary(io.BytesIO(b"x"), delivery_key="k", save_path=tmp_path / "file")
        assert not (tmp_path / "file").exists()
        assert not driver.can_suspend

    run(app, work)
