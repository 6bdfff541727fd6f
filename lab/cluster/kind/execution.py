"""Commands and shells on a kind node, through Docker's exec connections."""

import contextlib
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from lab.cluster.base import TIMED_OUT, ClusterGoneError, NodeDownError, Result
from lab.cluster.kind.engine import Connection, DockerUnreachableError, Engine
from lab.cluster.tools.toolbox import MARKS
from lab.errors import LabError

__all__ = ["KindShell", "run", "stream"]

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}

#: Every command has a unique id in its environment. If the caller goes away, Docker lets the command run on, and
#: the id finds it on the node.
_MARK = "LAB_COMMAND"

#: At its limit a command gets SIGTERM, and SIGKILL this many seconds later.
_KILL_AFTER = 2
#: Seconds after that until the lab stops waiting for Docker.
_GRACE = 8

_STDOUT, _STDERR = 1, 2
_HEADER = 8
_CHUNK = 1 << 16


def run(
    engine: Engine,
    container: str,
    argv: Sequence[str],
    *,
    node: str,
    stdin: bytes | None,
    timeout: float,
    env: Mapping[str, str],
) -> Result:
    """Run `argv` and collect its output. `timeout` on the node enforces the limit, and this function checks it."""
    limited = ["timeout", "-k", str(_KILL_AFTER), f"{max(timeout, 0.01):.3f}", *argv]
    began = time.monotonic()
    deadline = began + timeout + _KILL_AFTER + _GRACE
    mark, exec_id, connection = _start(engine, container, limited, env, stdin=stdin is not None)
    output: dict[int, list[bytes]] = {_STDOUT: [], _STDERR: []}
    try:
        with _feeding(connection, stdin):
            for channel, data in _frames(connection, deadline):
                output[channel].append(data)
        rc = _exit_code(engine, exec_id, deadline)
    except TimeoutError:
        _end(engine, container, mark)
        rc = TIMED_OUT
    except DockerUnreachableError:
        raise
    except BaseException:
        # An interrupted lab must not leave a command that keeps changing the cluster.
        _end(engine, container, mark)
        raise
    finally:
        connection.close()
    seconds = time.monotonic() - began
    if seconds >= timeout and rc in {137, 143}:
        rc = TIMED_OUT
    return Result(
        tuple(argv),
        rc,
        b"".join(output[_STDOUT]).decode(errors="replace"),
        b"".join(output[_STDERR]).decode(errors="replace"),
        seconds,
        node,
    )


def stream(
    engine: Engine,
    container: str,
    argv: Sequence[str],
    *,
    stdin: BinaryIO | None,
    stdout: BinaryIO,
    stderr: BinaryIO,
    env: Mapping[str, str],
) -> int:
    """Run `argv` with its streams passed through. An interrupt of the lab ends it on the node.

    `env` in front turns a missing command into an ordinary failure (127).
    """
    mark, exec_id, connection = _start(engine, container, ["env", *argv], env, stdin=stdin is not None)
    sinks = {_STDOUT: stdout, _STDERR: stderr}
    try:
        if stdin is not None:
            # A daemon thread: it may block in a read from a terminal that never returns.
            threading.Thread(target=_pump, args=(stdin, connection), daemon=True, name="stdin").start()
        for channel, data in _frames(connection, None):
            sinks[channel].write(data)
            sinks[channel].flush()
        return _exit_code(engine, exec_id, None)
    except BaseException:
        _end(engine, container, mark)
        raise
    finally:
        connection.close()


class KindShell:
    """A login shell on a node's terminal."""

    def __init__(self, engine: Engine, container: str, rows: int, cols: int, env: Mapping[str, str]) -> None:
        self._engine = engine
        self._container = container
        env = {"TERM": "xterm-256color", "COLORTERM": "truecolor", MARKS: "1", **env}
        self._mark, self._exec_id, self._connection = _start(
            engine, container, ["bash", "-l"], env, stdin=True, tty=True
        )
        self._closed = threading.Event()
        self._ended = False
        self.resize(rows, cols)

    def read(self, timeout: float | None = None) -> bytes | None:
        """Return the shell's output: `None` if nothing came within `timeout` s, `b""` once it has ended."""
        if self._ended or self._closed.is_set():
            return b""
        try:
            data = self._connection.receive(timeout)
        except TimeoutError:
            return None
        self._ended = not data
        return data

    def write(self, data: bytes) -> None:
        """Send `data` as typed; a shell that has ended ignores it."""
        with contextlib.suppress(OSError):
            self._connection.send(data)

    def resize(self, rows: int, cols: int) -> None:
        """Set the size of the shell's window, in characters."""
        if self._closed.is_set() or self._ended:
            return
        # Docker refuses until the shell has started, and once it has ended.
        for _ in range(50):
            with contextlib.suppress(LabError):
                self._engine.resize(self._exec_id, rows, cols)
                return
            if self._closed.wait(0.02):
                return

    def close(self) -> None:
        """Hang up, as a closed terminal does, and end a shell that stays. It is safe to call this again."""
        if self._closed.is_set():
            return
        self._closed.set()
        # Asked first: a `read` in another thread can't tell the interrupted connection from the shell's end.
        ended = self._ended
        self._connection.interrupt()
        if not ended:
            _end(self._engine, self._container, self._mark, signal="HUP", only_leader=True)
        self._connection.close()


def _frames(connection: Connection, deadline: float | None) -> Iterator[tuple[int, bytes]]:
    """Yield channel and data of each piece: without a terminal, Docker sends 8 bytes of header before it."""
    buffer = bytearray()
    while True:
        while len(buffer) >= _HEADER:
            end = _HEADER + int.from_bytes(buffer[4:_HEADER], "big")
            if len(buffer) < end:
                break
            yield (_STDERR if buffer[0] == _STDERR else _STDOUT), bytes(buffer[_HEADER:end])
            del buffer[:end]
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        data = connection.receive(left)
        if not data:
            return
        buffer += data


def _start(
    engine: Engine, container: str, argv: Sequence[str], env: Mapping[str, str], *, stdin: bool, tty: bool = False
) -> tuple[str, str, Connection]:
    mark = secrets.token_hex(8)
    exec_id, connection = engine.exec(
        container, argv, env={**ENVIRONMENT, **env, _MARK: mark}, stdin=stdin, tty=tty
    )
    return mark, exec_id, connection


@contextlib.contextmanager
def _feeding(connection: Connection, data: bytes | None) -> Iterator[None]:
    """Send `data` while the body reads.

    Otherwise a command that prints before it has read everything blocks both sides.
    """
    if data is None:
        yield
        return
    thread = threading.Thread(target=_feed, args=(connection, data), daemon=True, name="stdin")
    thread.start()
    try:
        yield
    finally:
        connection.interrupt()
        thread.join(_GRACE)


def _feed(connection: Connection, data: bytes) -> None:
    with contextlib.suppress(OSError):
        connection.send(data)
    connection.finish_sending()


def _pump(source: BinaryIO, connection: Connection) -> None:
    with contextlib.suppress(OSError, ValueError):
        read = getattr(source, "read1", source.read)
        while data := read(_CHUNK):
            connection.send(data)
    connection.finish_sending()


def _exit_code(engine: Engine, exec_id: str, deadline: float | None) -> int:
    """The output has ended, so the command has ended or is about to."""
    pause = 0.005
    try:
        while (state := engine.exec_state(exec_id)) == "running":
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(pause)
            pause = min(pause * 2, 0.2)
    except ClusterGoneError as problem:
        # Docker forgets what ran in a container when the container stops.
        raise NodeDownError("A node went down while a command ran.", problem.detail) from problem
    return state


_END = r"""
pids= leader=
for environ in $(grep -slz "^$1\$" /proc/[0-9]*/environ); do
  pid=${environ//[^0-9]/}
  [ "$pid" != $$ ] && stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
  set -- "$1" "$2" "$3" ${stat##*) }
  [ "$7" = "$pid" ] && leader=$pid
  pids="$pids $pid"
done
[ "$3" = leader ] && pids=$leader
[ -n "$pids" ] || exit 0
kill "-$2" $pids; kill -CONT $pids
for _ in {1..20}; do kill -0 $pids || exit 0; sleep 0.1; done
kill -KILL $pids
"""


def _end(engine: Engine, container: str, mark: str, *, signal: str = "TERM", only_leader: bool = False) -> None:
    """End the command with `mark` on its node and everything that it started, or only its session's leader."""
    argv = ["bash", "-c", _END, "end", f"{_MARK}={mark}", signal, "leader" if only_leader else "all"]
    with contextlib.suppress(LabError, TimeoutError):
        _, connection = engine.exec(container, argv, env=ENVIRONMENT)
        with contextlib.closing(connection):
            deque(_frames(connection, time.monotonic() + _KILL_AFTER + _GRACE), maxlen=0)
