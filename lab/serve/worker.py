"""The process with the seats: `python -m lab.serve.worker FD SHARE`, started by the server.

It ends when the server does. It has saved its labs in their folders before, and the next worker continues with
them.
"""

import asyncio
import contextlib
import os
import socket
import sys

from lab import attempts, exams
from lab.cluster.sim.commands.registry import load_first
from lab.cluster.sim.process.home import leave_all
from lab.cluster.sim.timing.clock import stand_between
from lab.cluster.sim.timing.rationing import ration
from lab.core.ration import Ration
from lab.serve.seats.heap import Heap
from lab.serve.seats.house import House
from lab.serve.wire import Frame, read
from lab.tui.terminal.pace import Pace
from lab.tui.workers import FreshContexts

__all__ = ["main"]

#: Threads for looks, for opening and closing shells, and for other blocking calls.
_THREADS = 32
#: How long a thread that runs Python may keep other threads waiting, in s: a key may wait for them.
_SWITCH = 0.001
#: What programs that never wait get of a processor, all seats' together; and what is drawn of endless output.
_BUSY, _FLOODS = 0.3, 0.2


async def _serve(line: socket.socket, share: float) -> None:
    asyncio.get_running_loop().set_default_executor(FreshContexts(max_workers=_THREADS, thread_name_prefix="seat"))
    reader, writer = await asyncio.open_connection(sock=line, limit=1 << 22)
    house = House(writer.write, share=share)
    running = asyncio.create_task(house.run())
    while (frame := await read(reader)) is not None:
        _take(house, frame)
    await house.leave()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _take(house: House, frame: Frame) -> None:
    try:
        house.take(frame)
    except Exception as error:  # noqa: BLE001 -- one frame that makes no sense is not the end of all other seats
        print(f"seat {frame.seat}, {frame.kind.name}: {error!r}", file=sys.stderr)  # noqa: T201 -- the server's log


def main() -> int:
    """Run the seats for the server at the other end of the socket."""
    line = socket.socket(fileno=int(sys.argv[1]))
    sys.setswitchinterval(_SWITCH)
    Heap.tune()
    load_first()
    exams.seat_by_seat()
    stand_between()
    ration(_BUSY)
    Pace.ration = Ration(_FLOODS)
    attempts.kept_by_server()
    asyncio.run(_serve(line, float(sys.argv[2])))
    try:
        leave_all()
    except OSError as error:
        print(f"a cluster can't be saved: {error}", file=sys.stderr)  # noqa: T201 -- the server's log
    # Python would wait for the threads of shells that can't be stopped.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
