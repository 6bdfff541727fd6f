"""The load generator of the seats' bench: plain websocket clients, in a process of their own.

Each player types a command every two seconds: a word key by key, each key timed until the screen shows it, then
the rest of the line at once; then it waits for the prompt. It notes each line, so that the bench can hold it
against the lines that the shells have run.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field

from tests.serve.player import Player, join

__all__ = ["JOINING", "LIMIT", "Told"]

#: All seats are joined within so many seconds.
JOINING = 10.0
#: How long a key, or a prompt, may take, in s. Later is never.
LIMIT = 20.0
_PROMPT = b"root@"
_WORD = "QZXVJ"
#: What ends soon on a broken cluster, and with the prompt fits into a row; kubectl waits a second.
_COMMANDS = (
    "crictl ps",
    "ls -l /etc/kubernetes/manifests",
    "systemctl status kubelet | head -n 9",
    "journalctl -u kubelet -n 20 | cat",
    "kubectl get no --request-timeout=1s",
    "sysctl net.ipv4.ip_forward",
    "ip route",
    "wc /etc/kubernetes/manifests/*",
)
_KEY_PAUSE = 0.12
_ROUND = 2.0


@dataclass
class Told:
    """What came of it; times in s."""

    joins: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    commands: list[float] = field(default_factory=list)
    #: Keys and prompts that did not come within the limit.
    unseen: int = 0
    #: Code -> the lines that were typed, in order.
    lines: dict[str, list[str]] = field(default_factory=dict)
    sent: int = 0
    taken: int = 0
    received: int = 0
    seconds: float = 0.0
    #: The generator's own share of a processor.
    processor: float = 0.0


class _Typist:
    """One player."""

    def __init__(self, player: Player, told: Told, code: str) -> None:
        self._player = player
        self._told = told
        self._lines = told.lines.setdefault(code, [])

    async def play(self, wait: float, seconds: float) -> None:
        """Join after `wait` s, and type for so long."""
        await asyncio.sleep(wait)
        began = time.perf_counter()
        await self._player.connect()
        await self._player.until(_PROMPT, 3 * LIMIT)
        self._told.joins.append(time.perf_counter() - began)
        end = time.perf_counter() + seconds
        await asyncio.sleep(random.uniform(0, _ROUND))
        while (at := time.perf_counter()) < end:
            await self._round()
            await asyncio.sleep(max(0.0, at + _ROUND - time.perf_counter()))

    async def _round(self) -> None:
        player, told, number = self._player, self._told, len(self._lines)
        rest = f"={number}; {random.choice(_COMMANDS)}"
        self._lines.append(f"{_WORD}{rest}")
        for count in range(1, len(_WORD) + 1):
            typed = time.perf_counter()
            player.forget()
            await player.type(_WORD[count - 1].encode())
            await self._see(_WORD[:count].encode(), told.keys, typed)
            await asyncio.sleep(max(0.0, typed + _KEY_PAUSE - time.perf_counter()))
        await player.type(rest.encode())
        await self._see(rest[-6:].encode(), None, 0.0)
        player.forget()
        typed = time.perf_counter()
        await player.type(b"\r")
        await self._see(_PROMPT, told.commands, typed)

    async def _see(self, text: bytes, times: list[float] | None, since: float) -> None:
        try:
            await self._player.until(text, LIMIT)
        except TimeoutError:
            self._told.unseen += 1
        else:
            if times is not None:
                times.append(time.perf_counter() - since)


async def _load(url: str, codes: list[str], seconds: float) -> Told:
    told = Told()
    players = [Player(url, await asyncio.to_thread(join, url, code)) for code in codes]
    began, processor = time.perf_counter(), time.process_time()
    typists = [_Typist(player, told, code) for player, code in zip(players, codes, strict=True)]
    await asyncio.gather(*(each.play(JOINING * at / len(typists), seconds) for at, each in enumerate(typists)))
    told.seconds = time.perf_counter() - began
    told.processor = (time.process_time() - processor) / told.seconds
    told.sent = sum(each.number for each in players)
    told.received = sum(each.received for each in players)
    for each in players:
        await each.wait(lambda each=each: each.taken == each.number, LIMIT)
    told.taken = sum(each.taken for each in players)
    # They look on while the bench measures what idle seats take.
    print(json.dumps(asdict(told)), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for each in players:
        await each.close()
    return told


if __name__ == "__main__":
    random.seed(5)
    asyncio.run(_load(sys.argv[1], json.loads(sys.argv[2]), float(sys.argv[3])))
