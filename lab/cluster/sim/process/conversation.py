"""One conversation of a lab's owner with another process: a request, its streams, its answer."""

import base64
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, assert_never

from lab.cluster.base import Shell
from lab.cluster.sim.bash.running.outside_input import Feed
from lab.cluster.sim.process import requests, wire
from lab.cluster.sim.process.cluster import SimCluster, SimNode
from lab.cluster.sim.process.line import Line
from lab.cluster.sim.process.requests import Request
from lab.cluster.sim.timing.background_loop import background_loop
from lab.errors import LabError
from lab.patience import Time
from lab.progress import Silent

__all__ = ["Conversation"]

#: Seconds between two looks whether waiting keys may be passed on.
_LOOK_EVERY = 0.1


class Conversation:
    """One request, until its answer."""

    def __init__(
        self, cluster: SimCluster, connection: Line, asked: Mapping[str, Any], copies: dict[str, SimCluster],
        kubeconfig: Callable[[], str],
    ) -> None:  # fmt: skip
        self._original = cluster
        self._copies = copies
        self._kubeconfig = kubeconfig
        self._connection = connection
        self._asked = asked

    def hold(self) -> None:
        """Handle the request and send the answer."""
        try:
            value = self._done(requests.unpacked(self._asked))
        except (LabError, OSError) as error:
            if isinstance(error, ConnectionError):
                raise
            answer = wire.failure(error)
        except Exception as error:  # noqa: BLE001 -- whoever asked is told
            answer = wire.failure(error)
        else:
            answer = {"value": value}
        self._send(wire.ANSWER, json.dumps(answer).encode())

    def _send(self, kind: bytes, data: bytes) -> None:
        self._connection.send_bytes(kind + data)

    def _done(self, request: Request) -> Any:  # noqa: ANN401, C901, PLR0911, PLR0912 -- JSON; a line for each request
        match request:
            case requests.Create():
                return self._cluster.create(Silent())
            case requests.Delete():
                return self._cluster.delete()
            case requests.End():
                # The owner ends behind the answer.
                return None
            case requests.Identity():
                return dict(self._cluster.identity())
            case requests.Kubeconfig():
                return self._kubeconfig()
            case requests.Now():
                return self._time.now()
            case requests.Sleep(seconds):
                return self._time.sleep(seconds)
            case requests.Hurry():
                return self._hurry()
            case requests.Hold():
                return self._cluster.hold()
            case requests.Release():
                return self._cluster.release()
            case requests.Snapshot():
                return self._snapshot()
            case requests.Read(node, path):
                return self._node(node).read_file(path)
            case requests.Write(node, path, text, mode):
                return self._node(node).write_file(path, text, mode)
            case requests.Run():
                return self._run(request)
            case requests.Stream():
                return self._stream(request)
            case requests.Shell():
                return self._shell(request)
            case _:
                assert_never(request)

    @property
    def _cluster(self) -> SimCluster:
        if "copy" not in self._asked:
            return self._original
        try:
            return self._copies[self._asked["copy"]]
        except KeyError:
            raise LabError("That copy of the cluster is gone.", remedy="Look again.") from None

    @property
    def _time(self) -> Time:
        """The time of the cluster, loaded from its file if needed, since its clock may be held."""
        if "copy" not in self._asked:
            self._cluster.home.world()
        return self._cluster.control_plane.time

    def _node(self, name: str) -> SimNode:
        return next(node for node in self._cluster.nodes if node.name == name)

    def _hurry(self) -> None:
        with self._cluster.hurried():
            self._send(wire.OUTPUT, b"")
            # Until the client says so, or is gone.
            self._connection.recv_bytes()

    def _snapshot(self) -> None:
        with self._cluster.snapshot() as copy:
            name = secrets.token_hex(8)
            self._copies[name] = copy
            try:
                self._send(wire.OUTPUT, name.encode())
                # Until the client says so, or is gone.
                self._connection.recv_bytes()
            finally:
                del self._copies[name]

    def _run(self, request: requests.Run) -> dict[str, Any]:
        given = request.stdin
        future = self._node(request.node).begin(
            request.argv,
            stdin=base64.b64decode(given) if given is not None else None,
            timeout=request.timeout,
            env=request.env,
        )
        # If the other process goes away, the command ends.
        threading.Thread(target=self._cancel_when_gone, args=(future.cancel,), daemon=True).start()
        result = future.result()
        return {name: getattr(result, name) for name in result.__slots__}

    def _cancel_when_gone(self, cancel: Callable[[], object]) -> None:
        try:
            self._connection.recv_bytes()
        except (OSError, EOFError):
            cancel()

    def _stream(self, request: requests.Stream) -> int:
        feed = Feed(background_loop())

        loop = background_loop()
        # Not on the loop: a reader that is slow must not stop the cluster.
        sender = ThreadPoolExecutor(max_workers=1)

        async def to_out(chunk: bytes) -> None:
            await loop.run_in_executor(sender, self._send, wire.OUTPUT, chunk)

        async def to_err(chunk: bytes) -> None:
            await loop.run_in_executor(sender, self._send, wire.ERROR, chunk)

        future = self._node(request.node).start(request.argv, feed, to_out, to_err)

        def listen() -> None:
            try:
                while True:
                    frame = self._connection.recv_bytes()
                    feed.push(frame[1:])
            except (OSError, EOFError):
                future.cancel()

        threading.Thread(target=listen, daemon=True).start()
        try:
            return future.result()
        finally:
            feed.close()
            sender.shutdown(wait=False)

    def _shell(self, request: requests.Shell) -> None:
        shell = self._node(request.node).shell(request.rows, request.cols)

        threading.Thread(target=self._listen, args=(shell,), daemon=True).start()
        try:
            while data := shell.read():
                self._send(wire.OUTPUT, data)
        finally:
            shell.close()

    def _listen(self, shell: Shell) -> None:
        """Pass keys and window sizes on to `shell`. While the cluster is held, keys wait."""
        keys = bytearray()
        try:
            while True:
                if keys and not self._cluster.clock.held:
                    shell.write(bytes(keys))
                    keys.clear()
                if keys and not self._connection.poll(_LOOK_EVERY):
                    continue
                frame = self._connection.recv_bytes()
                if frame[:1] == wire.SIZE:
                    shell.resize(*json.loads(frame[1:]))
                elif frame[:1] == wire.CLOSE:
                    shell.close()
                elif keys or self._cluster.clock.held:
                    keys += frame[1:]
                else:
                    shell.write(frame[1:])
        except (OSError, EOFError):
            shell.close()
