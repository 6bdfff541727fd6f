"""A connection that the kubelet opens to a port of a pod, inside the pod's network. On the simulator's loop."""

from email.utils import formatdate

import h11

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.commands.pages import page
from lab.cluster.sim.https.pods import Found, require_kubelet
from lab.cluster.sim.machine.runtime import Sandbox
from lab.cluster.sim.network.flows import Source
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.world.world import World

__all__ = ["Forward", "Forwarder"]

_BAD = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"400 Bad Request"
)
#: Listeners that speak HTTP without TLS.
_PLAIN = {"agnhost", "etcd-metrics", "healthz", "kubelet-healthz", "other"}


class Forwarder:
    """The kubelet of a pod's node, which connects to the pod's ports."""

    def __init__(self, world: World, found: Found) -> None:
        """Raise `ApiError` if the pod can't be reached by its kubelet."""
        node, sandbox = found.node, found.sandbox
        require_kubelet(found)
        if sandbox is None or not sandbox.ready:
            raise ApiError(500, "InternalError", "Internal error occurred: unable to find running sandbox")
        self._world, self._node, self._sandbox = world, node, sandbox

    @property
    def alive(self) -> bool:
        """Whether the pod's sandbox still exists."""
        return self._sandbox.ready and self._node.runtime.sandboxes.get(self._sandbox.id) is self._sandbox

    def connect(self, port: int) -> "Forward | str":
        """Return a connection, or the runtime's error."""
        self._world.clock.catch_up()
        verdict = self._world.network.connect(Source(self._node, self._sandbox), "127.0.0.1", port)
        if verdict.listener is None:
            return f"error forwarding port {port} to pod {self._sandbox.id}, uid : {_refused(self._sandbox, port)}"
        if verdict.listener.kind not in _PLAIN or verdict.listener.tls:
            return f"not simulated: a forwarded port of {verdict.listener.kind} (use --backend kind)"
        return Forward(self._world, verdict.listener)


def _refused(sandbox: Sandbox, port: int) -> str:
    """Return containerd's error."""
    space = "host" if sandbox.host_network else f"/var/run/netns/{sandbox.netns}"
    end = "connect: connection refused"
    return (
        f'failed to execute portforward in network namespace "{space}": failed to connect to localhost:{port} '
        f'inside namespace "{sandbox.id}", IPv4: dial tcp4 127.0.0.1:{port}: {end} '
        f"IPv6 dial tcp6 [::1]:{port}: {end} "
    )


class Forward:
    """One connection to a program that speaks HTTP."""

    def __init__(self, world: World, listener: Listener) -> None:
        self._world, self._listener = world, listener
        self._http = h11.Connection(h11.SERVER)
        self._asked: h11.Request | None = None
        #: Whether the program has ended the connection.
        self.over = False

    def receive(self, data: bytes) -> bytes:
        """Take bytes of the client; return the answer's. No bytes mark the end of the client's."""
        container = self._listener.container
        if self.over or (container is not None and not container.running):
            self.over = True
            return b""
        self._world.clock.catch_up()
        try:
            self._http.receive_data(data)
            return self._answers()
        except h11.RemoteProtocolError:
            self.over = True
            return _BAD if data else b""

    def _answers(self) -> bytes:
        sent = b""
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                self._asked = event
            elif isinstance(event, h11.EndOfMessage) and self._asked is not None:
                sent += self._page(self._asked)
                if self._http.our_state is h11.MUST_CLOSE:
                    self.over = True
                    return sent
                self._http.start_next_cycle()
            elif event is h11.NEED_DATA or event is h11.PAUSED:
                return sent
            elif isinstance(event, h11.ConnectionClosed):
                self.over = True
                return sent

    def _page(self, asked: h11.Request) -> bytes:
        found = page(self._world, "127.0.0.1", self._listener, asked.target.decode("ascii", "replace"))
        body = found.body.encode()
        headers = [("Date", formatdate(self._world.now(), usegmt=True)), ("Content-Length", str(len(body)))]
        media = found.headers.get("Content-Type", "text/plain; charset=utf-8" if body else "")
        if media:
            headers.append(("Content-Type", media))
        answer = h11.Response(status_code=found.status, headers=headers, reason=found.reason.encode())
        parts = [self._http.send(answer)]
        if asked.method != b"HEAD":
            parts.append(self._http.send(h11.Data(data=body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        return b"".join(part for part in parts if part)
