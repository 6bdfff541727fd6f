"""The pages in a real browser: joining, typing, reloading, a broken network, copy and paste."""

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.serve.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ONE, TWO = "seat-001", "seat-002"
#: The text in the page's terminal.
SCREEN = """() => { const lines = []; const buffer = terminal.buffer.active;
for (let row = 0; row < terminal.rows; row++) lines.push(buffer.getLine(row)?.translateToString(true) ?? "");
return lines.join("\\n"); }"""
_PATIENCE = 180_000


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(_PATIENCE)
    found = context.new_page()
    wrong: list[str] = []
    found.on("pageerror", lambda error: wrong.append(str(error)))
    found.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield found
    context.close()
    assert wrong == []


def enter(page: "Page", url: str, code: str) -> None:
    page.goto(f"{url}/")
    page.fill("#code", code.lower())
    page.click("button")
    page.wait_for_url(re.compile("/(seat|board)$"))


def sit(page: "Page", serving: Serving, seat: str, url: str = "") -> None:
    enter(page, url or serving.url, serving.code(seat))
    page.wait_for_selector("#line.good")
    until(page, "root@")


def until(page: "Page", text: str) -> None:
    page.wait_for_function(f"(text) => ({SCREEN})().includes(text)", arg=text)


def test_a_wrong_code_is_reported(page: "Page", serving: Serving) -> None:
    page.goto(f"{serving.url}/")
    page.fill("#code", "BBBB-2222")
    page.click("button")
    page.wait_for_selector("#problem:not(:empty)")
    assert "no such code" in page.inner_text("#problem")


def test_keys_reach_the_shell_also_those_that_a_browser_keeps(page: "Page", serving: Serving) -> None:
    sit(page, serving, ONE)
    page.keyboard.type("echo $((6 * 7))-right\n")
    until(page, "42-right")
    page.keyboard.type("echo gone lost")
    page.select_option("#keys", label="Ctrl+W")
    page.keyboard.type("found\n")
    until(page, "gone found")
    page.keyboard.press("F1")
    until(page, "Everywhere")
    page.keyboard.press("Escape")


def test_a_reload_finds_the_screen_as_it_was(page: "Page", serving: Serving) -> None:
    sit(page, serving, ONE)
    page.keyboard.type("echo ke''pt-it\n")
    until(page, "kept-it")
    page.keyboard.type("echo half")
    page.reload()
    page.wait_for_selector("#line.good")
    until(page, "kept-it")
    page.keyboard.type("-typed\n")
    until(page, "half-typed")


def test_a_second_browser_has_the_seat(page: "Page", browser: "Browser", serving: Serving) -> None:
    sit(page, serving, ONE)
    context = browser.new_context()
    other = context.new_page()
    other.set_default_timeout(_PATIENCE)
    sit(other, serving, ONE)
    page.wait_for_selector("#cover:not([hidden])")
    assert "another browser" in page.inner_text("#words")
    page.click("#again")
    page.wait_for_selector("#line.good")
    other.wait_for_selector("#cover:not([hidden])")
    context.close()


def test_a_paste_of_100_lines_arrives_whole(page: "Page", serving: Serving) -> None:
    sit(page, serving, TWO)
    page.keyboard.type("echo re''ady; cat > /tmp/pasted\n")
    # By then the shell has said that it reads no pastes any more: earlier, it would get them with their marks.
    until(page, "ready")
    text = "".join(f"line {number} of a hundred, with ümläuts\n" for number in range(100))
    page.click("#paste")
    page.fill("#text", text)
    page.click("#pasting button[value=send]")
    until(page, "line 99 of")
    page.keyboard.press("Control+d")
    page.keyboard.type("md5sum /tmp/pasted\n")
    until(page, hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def test_a_size_follows_the_window_and_the_letters(page: "Page", serving: Serving) -> None:
    sit(page, serving, ONE)
    before = page.evaluate("[terminal.cols, terminal.rows]")
    page.click("#larger")
    page.click("#larger")
    page.wait_for_function("(cols) => terminal.cols < cols", arg=before[0])
    page.set_viewport_size({"width": 900, "height": 600})
    page.wait_for_function("(rows) => terminal.rows < rows", arg=before[1])
    page.click("#screen")
    page.keyboard.type("clear; echo st''ill\n")
    until(page, "still")


class Forwarder:
    """A TCP forwarder that can be cut like a network. It has the server's port on another loopback address."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pairs: list[socket.socket] = []
        self.open = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self.open:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._port))
                self._pairs += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if sink is not None:
                    sink.sendall(self._renamed(data))
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def _renamed(self, data: bytes) -> bytes:
        """Let requests have the server's own address as their host."""
        return data.replace(f"127.0.0.1:{self.port}".encode(), f"127.0.0.1:{self._port}".encode())

    def cut(self) -> None:
        """Cut all connections, and accept no new ones."""
        self.open = False
        for each in self._pairs:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._pairs.clear()

    def mend(self) -> None:
        """Accept connections again."""
        self.open = True

    def close(self) -> None:
        """End."""
        self._listener.close()
        self.cut()


@contextmanager
def forwarded(serving: Serving) -> Iterator[Forwarder]:
    port = urlsplit(serving.url).port
    assert port
    forwarder = Forwarder(port)
    try:
        yield forwarder
    finally:
        forwarder.close()


def test_keys_that_were_typed_while_the_network_was_cut_arrive_once(page: "Page", serving: Serving) -> None:
    with forwarded(serving) as network:
        sit(page, serving, ONE, f"http://127.0.0.1:{network.port}")
        for number in range(3):
            page.keyboard.type(f"echo before-{number}; ")
            network.cut()
            page.wait_for_selector("#line.bad")
            page.keyboard.type(f"echo during-{number}; ")
            network.mend()
            page.wait_for_selector("#line.good")
        page.keyboard.type("\n")
        until(page, "during-2")
        page.wait_for_function("() => line.waiting.length === 0")
        page.keyboard.type("clear; history 2 | head -1 | wc -w\n")
        # The number of a line, and twelve words; once each.
        page.wait_for_function(f"() => /^ *│?.*\\b13\\b/m.test(({SCREEN})())")


def test_a_copy_is_on_the_clipboard_on_plain_http(page: "Page", serving: Serving) -> None:
    """127.0.0.1 counts as secure. A plain network address has no such clipboard: the page must do without."""
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    sit(page, serving, ONE)
    page.evaluate("copied = 'taken from the terminal'")
    page.click("#copy")
    page.evaluate("() => { const area = document.createElement('textarea'); area.id = 'there'; "
                  "document.body.append(area); area.focus(); }")  # fmt: skip
    page.keyboard.press("Control+v")
    assert page.input_value("#there") == "taken from the terminal"


def test_the_board_shows_names_as_text_and_a_hand(page: "Page", browser: "Browser", serving: Serving) -> None:
    enter(page, serving.url, serving.state["code"])
    page.wait_for_selector("tr[data-seat]")
    context = browser.new_context()
    seat = context.new_page()
    seat.set_default_timeout(_PATIENCE)
    sit(seat, serving, TWO)
    seat.click("#hand")
    page.wait_for_selector(f"tr.hand[data-seat={TWO}]")
    assert "Grace" in page.inner_text("#hands")
    page.fill("#words", "Look at the kubelet")
    page.press("#words", "Enter")
    until(seat, "Look at the kubelet")
    assert page.locator("tbody th").all_inner_texts() == ["1 Ada", "2 Grace"]
    page.goto(f"{serving.url}/projector")
    page.wait_for_selector("tbody tr")
    assert "Ada" in page.inner_text("tbody")
    context.close()
