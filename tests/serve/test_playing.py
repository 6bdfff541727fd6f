"""Play at seats by a real socket: keys that are neither lost nor doubled, screens, sizes."""

import asyncio
import contextlib
import re
import struct

from lab.chain import entries
from lab.serve.seats.driver import WINDOW
from tests.serve.serving import ONE, THREE, TWO, Serving, seated


def shown(data: bytes) -> str:
    """Return output without its escape sequences."""
    return re.sub(rb"\x1b(?:\[[0-9;?<>=]*[a-zA-Z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[a-z])", b"", data).decode()


def test_keys_reach_the_shell_and_its_output_comes_back(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        player.forget()
        await player.type(b"echo $((6 * 7))-right\r")
        await player.until(b"42-right")
        await player.close()

    asyncio.run(play())


def test_a_browser_that_comes_gets_modes_and_the_whole_screen(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        text = shown(bytes(player.output))
        assert player.output.startswith(b"\x1bc\x1b[?1049h")
        assert "distance" in text
        assert "F10 Leave" in text
        again = await seated(serving, ONE)
        assert "distance" in shown(bytes(again.output))
        await again.close()
        await player.close()

    asyncio.run(play())


def test_no_key_is_lost_or_doubled_over_lines_that_break(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await player.type(b"\x15")
        text = "".join(f"{number:02}" for number in range(16))
        for i, char in enumerate(f"echo {text}"):
            if i % 9 == 4:
                player.cut()
            await player.type(char.encode())
            if i % 9 == 6:
                await player.connect()
        await player.wait(lambda: player.taken == player.number)
        player.forget()
        await player.type(b" | tr 0-9 a-j\r")
        await player.until(text.translate(str.maketrans("0123456789", "abcdefghij")).encode())
        await player.close()

    asyncio.run(play())


def test_pieces_that_were_taken_are_not_typed_again(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await player.type(b"\x15echo one")
        await player.wait(lambda: player.taken == player.number)
        for _ in range(3):
            await player.send(b"I" + struct.pack("!I", player.number) + b"-twice")
        await player.type(b"-end\r")
        await player.until(b"one-end")
        assert b"twice" not in player.output
        await player.close()

    asyncio.run(play())


def test_a_second_browser_gets_the_seat_and_the_first_a_message(serving: Serving) -> None:
    async def play() -> None:
        first = await seated(serving, ONE)
        second = await seated(serving, ONE)
        await first.wait(lambda: first.closed is not None)
        assert first.closed == 4002
        second.forget()
        await second.type(b"echo it-is-$((1 + 1))\r")
        await second.until(b"it-is-2")
        await second.close()

    asyncio.run(play())


def test_seats_see_nothing_of_each_other(serving: Serving) -> None:
    async def play() -> None:
        one, two = await seated(serving, ONE), await seated(serving, TWO)
        await one.type(b"\x15echo secret > /tmp/mine; echo wri''tten\r")
        await one.until(b"written")
        two.forget()
        await two.type(
            b"\x15ls /tmp/mine; hostname; env | grep -c KLUSTER; ls /proc/1/cwd /root/.. | head -3; echo do''ne\r"
        )
        await two.until(b"done")
        assert "secret" not in shown(bytes(two.output))
        assert "No such file" in shown(bytes(two.output))
        for player in (one, two):
            await player.close()

    asyncio.run(play())


def test_a_slow_browser_gets_the_whole_screen_and_no_queue(serving: Serving) -> None:
    async def play() -> None:
        slow = await seated(serving, TWO, reads=False)
        quick = await seated(serving, THREE)
        await slow.type(b"\x15seq 1 3000 | sed s/^/row-/; seq 1 3000 | sed s/^/row-/\r")
        # Several lines may come as one change of the screen: print until the server holds changes back.
        await slow.type(b"while true; do seq 1 60; sleep 0.05; done\r")
        await slow.wait(lambda: slow.received > WINDOW)
        assert slow.taken == slow.number
        # Another seat is as quick as before.
        quick.forget()
        await quick.type(b"\x15echo qui''ck\r")
        await quick.until(b"quick")
        await slow.type(b"\x03\x15echo the-l''ast\r")
        await asyncio.to_thread(serving.until, lambda served: served.seat(TWO)["running"] == [], "it still runs")
        assert slow.received < 400_000
        slow.forget()
        slow.reads = True
        await slow.send(b"A" + struct.pack("!I", slow.displayed))
        await slow.type(b"\x15")
        await slow.until(b"the-last")
        assert slow.received < 800_000
        for player in (slow, quick):
            await player.close()

    asyncio.run(play())


def test_a_size_is_the_terminals(serving: Serving) -> None:
    async def play() -> None:
        player = await seated(serving, ONE)
        await player.send(b"R" + struct.pack("!HH", 90, 30))

        def sized() -> bool:
            return re.search(r"\b2\d 8\d\b", shown(bytes(player.output))) is not None

        for _ in range(20):
            # The shell hears of it when the screen has its new layout.
            await player.type(b"\x15stty size\r")
            with contextlib.suppress(TimeoutError):
                await player.wait(sized, 1)
                break
        assert sized()
        await player.send(b"R" + struct.pack("!HH", 65535, 65535))
        await player.send(b"R" + struct.pack("!HH", 0, 0))
        await player.send(b"R" + struct.pack("!HH", 120, 37))
        player.forget()
        await player.type(b"\x15echo st''ill\r")
        await player.until(b"still")
        await player.close()

    asyncio.run(play())


def test_a_seat_lacks_the_features_of_a_private_screen(serving: Serving) -> None:
    """The palette has only the screen's entries, F10 does not leave, and there is no list of labs."""

    async def play() -> None:
        player = await seated(serving, ONE)
        player.forget()
        await player.type(b"\x1b[21~")
        await player.until(b"Close the page")
        player.forget()
        await player.type(b"\x07p")
        await player.until(b"Colours")
        text = shown(bytes(player.output)).lower()
        assert "screenshot" not in text
        assert "maximize" not in text
        await player.type(b"\x1b")
        await player.close()

    asyncio.run(play())


def test_a_seat_does_not_pause_the_clock_of_the_event(serving: Serving) -> None:
    """F11 says why; the shell answers as before, and the attempt has no pause."""

    async def play() -> None:
        player = await seated(serving, TWO)
        player.forget()
        await player.type(b"\x1b[23~")
        await player.until(b"the instructor pauses")
        player.forget()
        await player.type(b"\x07w\x15echo st''ill\r")
        await player.until(b"still")
        await player.close()

    asyncio.run(play())
    assert serving.state["pauses"] == []
    attempt = entries(serving.folder / "attempts" / f"{TWO}.jsonl")
    assert not [each for each in attempt if each["kind"] == "paused"]
