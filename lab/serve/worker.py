"""The process with the seats. It saves its labs in their folders, and the next worker continues with them.

`python -m lab.serve.worker FD SHARE` is started by the server and ends when the server does.
`--listen HOST PORT KEYS` in place of that waits for servers (`outpost`), and ends at SIGTERM.
"""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from lab import attempts, exams
from lab.cluster.sim.commands.registry import load_first
from lab.cluster.sim.process.home import leave_all
from lab.cluster.sim.timing.clock import stand_between
from lab.cluster.sim.timing.rationing import ration
from lab.core.ration import Ration
from lab.serve.apart import tls
from lab.serve.outpost import Outpost
from lab.serve.seats.heap import Heap
from lab.serve.seats.house import House
from lab.serve.wire import read
from lab.tui.terminal.pace import Pace
from lab.tui.workers import FreshContexts

__all__ = ["main"]

#: Threads for looks, for opening and closing shells, and for other blocking calls.
_THREADS = 32
#: How long a thread that runs Python may keep other threads waiting, in s: a key may wait for them.
_SWITCH = 0.001
#: What programs that never wait get of a processor, all seats' together; and what is drawn of endless output.
_BUSY, _FLOODS = 0.3, 0.2
#: The share of a processor for looks, in a pod.
_LOOKS = 0.3


async def _serve(line: socket.socket, share: float) -> None:
    _bring_threads()
    reader, writer = await asyncio.open_connection(sock=line, limit=1 << 22)
    house = House(writer.write, share=share)
    async with house.living():
        while (frame := await read(reader)) is not None:
            house.hear(frame)


async def _listen(host: str, port: int, keys: Path) -> None:
    _bring_threads()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await Outpost(_LOOKS).serve(host, port, tls(keys, listening=True), ended)


def _bring_threads() -> None:
    asyncio.get_running_loop().set_default_executor(FreshContexts(max_workers=_THREADS, thread_name_prefix="seat"))


def main() -> int:
    """Run the seats for the server at the other end of the socket, or for those that connect."""
    sys.setswitchinterval(_SWITCH)
    Heap.tune()
    load_first()
    exams.seat_by_seat()
    stand_between()
    ration(_BUSY)
    Pace.ration = Ration(_FLOODS)
    attempts.kept_by_server()
    if sys.argv[1] == "--listen":
        host, port, keys = sys.argv[2:]
        asyncio.run(_listen(host, int(port), Path(keys)))
    else:
        line, share = sys.argv[1:]
        asyncio.run(_serve(socket.socket(fileno=int(line)), float(share)))
    try:
        leave_all()
    except OSError as error:
        print(f"a cluster can't be saved: {error}", file=sys.stderr)  # noqa: T201 -- the server's log
    # Python would wait for the threads of shells that can't be stopped.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
