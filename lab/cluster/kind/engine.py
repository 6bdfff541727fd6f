"""The Docker engine: a small typed interface to the untyped SDK. Its errors are `LabError`."""

import contextlib
import select
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

import requests
import urllib3
from docker import errors

from lab.cluster.base import ClusterGoneError, NodeDownError
from lab.cluster.kind.docker_client import connect
from lab.cluster.kind.docker_host import DockerHost, find_docker_host
from lab.errors import LabError

__all__ = ["Connection", "Container", "DockerUnreachableError", "Engine", "EngineInfo", "Network"]

#: Seconds that the engine may take for an answer; removing a node takes several.
_ANSWER = 60

#: The keys that detach a terminal from `docker exec`. The default, Ctrl-P Ctrl-Q, would swallow Ctrl-P, which is
#: "previous command" in every shell. Detaching can't be switched off, so these are keys that nobody types.
_DETACH_KEYS = "ctrl-@,ctrl-^,ctrl-@,ctrl-^"


#: Docker's messages when no command can run in a container.
_DOWN = ("is not running", "is paused", "is restarting")


class DockerUnreachableError(LabError):
    """The Docker engine does not answer."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The engine's description of itself."""

    version: str
    memory: int
    cpus: int
    cgroup: str
    root: str


@dataclass(frozen=True, slots=True)
class Container:
    """One container, as inspected."""

    id: str
    name: str
    state: str
    labels: Mapping[str, str]
    #: Mounts from the host as requested, `SOURCE:TARGET:OPTIONS`.
    binds: tuple[str, ...]
    address: str

    @property
    def running(self) -> bool:
        """Whether commands can run in it."""
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class Network:
    """One network."""

    id: str
    name: str
    labels: Mapping[str, str]


class Connection:
    """The two-way connection of a running exec."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 -- the SDK's
        self._stream = stream
        self._socket: socket.socket = stream._sock  # noqa: SLF001 -- the SDK offers no other way to half-close
        self._early = self._read_ahead()
        self._readable = select.poll()
        self._readable.register(self._socket, select.POLLIN)

    def _read_ahead(self) -> bytes:
        """Return the bytes that arrived together with the answer's header.

        The SDK has read them and would drop them.
        """
        self._socket.settimeout(0)
        try:
            return cast("bytes", self._stream._response.raw._fp.fp.peek())  # noqa: SLF001 -- as above
        finally:
            self._socket.settimeout(None)

    def receive(self, timeout: float | None) -> bytes:
        """Return the next bytes, `b""` at the end; raise `TimeoutError` if nothing comes within `timeout` s."""
        if self._early:
            early, self._early = self._early, b""
            return early
        # The socket itself has no time limit: the limit would also apply to sends of another thread.
        if not self._readable.poll(None if timeout is None else max(timeout, 0) * 1000):
            raise TimeoutError
        try:
            return self._socket.recv(65536)
        except OSError:
            return b""

    def send(self, data: bytes) -> None:
        """Send all of `data`; raise `OSError` if the other side has gone."""
        self._socket.sendall(data)

    def finish_sending(self) -> None:
        """Close the sending side: the command's standard input ends."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def interrupt(self) -> None:
        """Make a `receive` that waits in another thread return."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection; the command runs on."""
        self._stream._response.close()  # noqa: SLF001 -- it holds the socket too
        self._stream.close()


class Engine:
    """The Docker engine of one host, found when it is first asked. Safe to use from several threads."""

    def __init__(self, host: DockerHost | None = None) -> None:
        self._host = host

    @cached_property
    def host(self) -> DockerHost:
        """The engine's address."""
        return self._host or find_docker_host()

    @cached_property
    def _api(self) -> Any:  # noqa: ANN401 -- the SDK's
        with self._translated("talk to it"):
            return connect(self.host, _ANSWER)

    @contextlib.contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        """Turn errors of the SDK and of its libraries into `LabError`."""
        try:
            yield
        except errors.NotFound as problem:
            raise ClusterGoneError(
                f"Docker could not {what}: it is not there (any more).", str(problem.explanation or problem)
            ) from problem
        except errors.APIError as problem:
            said = str(problem.explanation or problem)
            if problem.status_code == 409 and any(state in said for state in _DOWN):
                raise NodeDownError(
                    "A node of the cluster does not run.",
                    said,
                    "`docker start` starts it again; the next command of the lab does too.",
                ) from problem
            raise LabError(f"Docker refused to {what}.", said, _remedy(said)) from problem
        except (
            errors.DockerException,
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
        ) as problem:
            raise DockerUnreachableError(
                f"Docker does not answer at {self.host.url} ({self.host.found_by}).",
                str(problem),
                "Start Docker (`systemctl start docker`, or Docker Desktop), check that `docker info` works,"
                " and set DOCKER_HOST if Docker listens elsewhere.",
            ) from problem

    def info(self) -> EngineInfo:
        """Return the engine's description of itself."""
        with self._translated("describe itself"):
            said = self._api.info()
        return EngineInfo(
            version=said.get("ServerVersion", "?"),
            memory=int(said.get("MemTotal", 0)),
            cpus=int(said.get("NCPU", 0)),
            cgroup=str(said.get("CgroupVersion", "1")),
            root=said.get("DockerRootDir", ""),
        )

    def has_image(self, reference: str) -> bool:
        """Whether the image exists."""
        try:
            with self._translated(f"inspect the image {reference}"):
                self._api.inspect_image(reference)
        except ClusterGoneError:
            return False
        return True

    def containers(self, *, label: str) -> list[Container]:
        """Return all containers with `label` (`KEY=VALUE`), running or not."""
        with self._translated("list containers"):
            found = self._api.containers(all=True, filters={"label": label})
        inspected = (self._inspected(each["Id"]) for each in found)
        return sorted((each for each in inspected if each), key=lambda each: each.name)

    def container_named(self, name: str) -> Container | None:
        """Return the container called `name`, if there is one."""
        return self._inspected(name)

    def _inspected(self, container: str) -> Container | None:
        try:
            with self._translated("inspect a container"):
                said = self._api.inspect_container(container)
        except ClusterGoneError:
            return None
        networks = said.get("NetworkSettings", {}).get("Networks") or {}
        return Container(
            id=said["Id"],
            name=said["Name"].removeprefix("/"),
            state=said["State"]["Status"],
            labels=said["Config"].get("Labels") or {},
            binds=tuple(said["HostConfig"].get("Binds") or ()),
            address=next((each.get("IPAddress", "") for each in networks.values()), ""),
        )

    def start(self, container: str) -> None:
        """Start a stopped container, or resume a paused one."""
        with self._translated("start a container"):
            inspected = self._inspected(container)
            if inspected and inspected.state == "paused":
                self._api.unpause(container)
            else:
                self._api.start(container)

    def remove(self, container: str) -> None:
        """Remove a container, running or not, with its anonymous volumes.

        A container that is gone is not an error.
        """
        with contextlib.suppress(ClusterGoneError), self._translated("remove a container"):
            self._api.remove_container(container, v=True, force=True)

    def networks(self, name: str) -> list[Network]:
        """Return the networks called exactly `name` (Docker allows several)."""
        with self._translated("list networks"):
            found = self._api.networks(names=[name])
        return [
            Network(each["Id"], each["Name"], each.get("Labels") or {}) for each in found if each["Name"] == name
        ]

    def create_network(self, name: str, labels: Mapping[str, str]) -> None:
        """Create a bridge network with the MTU of Docker's default one, which may be smaller (VPN)."""
        with self._translated(f"make the network {name}"):
            default: dict[str, Any] = next(iter(self._api.networks(names=["bridge"])), {})
            mtu = (default.get("Options") or {}).get("com.docker.network.driver.mtu")
            options = {"com.docker.network.bridge.enable_ip_masquerade": "true"}
            if mtu:
                options["com.docker.network.driver.mtu"] = mtu
            self._api.create_network(name, driver="bridge", options=options, labels=dict(labels))

    def remove_network(self, network: str) -> None:
        """Remove a network. A network that is gone is not an error."""
        with contextlib.suppress(ClusterGoneError), self._translated("remove a network"):
            self._api.remove_network(network)

    def exec(
        self,
        container: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        stdin: bool = False,
        tty: bool = False,
    ) -> tuple[str, Connection]:
        """Start `argv` in a container as root; return the exec's id and its connection."""
        with self._translated("run a command on a node"):
            created = self._api.exec_create(
                container,
                list(argv),
                stdin=stdin,
                tty=tty,
                environment=dict(env),
                workdir="/root",
                detach_keys=_DETACH_KEYS if tty else None,
            )
            stream = self._api.exec_start(created["Id"], tty=tty, socket=True)
            try:
                return created["Id"], Connection(stream)
            except BaseException:
                stream._response.close()  # noqa: SLF001 -- it holds the socket
                raise

    def exec_state(self, exec_id: str) -> int | Literal["running"]:
        """Return the exit code of an exec, or None while it runs."""
        with self._translated("ask for the exit code of a command"):
            said = self._api.exec_inspect(exec_id)
        return "running" if said["Running"] or said["ExitCode"] is None else int(said["ExitCode"])

    def resize(self, exec_id: str, rows: int, cols: int) -> None:
        """Set the size of an exec's terminal."""
        with self._translated("resize a terminal"):
            self._api.exec_resize(exec_id, height=rows, width=cols)

    def close(self) -> None:
        """Close idle connections."""
        if "_api" in self.__dict__:
            self._api.close()


def _remedy(said: str) -> str:
    for mark, remedy in (
        (
            "no space left on device",
            "Free disk space: `docker system df` shows what Docker uses, `docker image prune`.",
        ),
        ("permission denied", "Check that this user may use Docker: `docker info`."),
        (
            "has active endpoints",
            "Disconnect the other containers that use it: `docker network inspect` lists it.",
        ),
        (
            "could not find an available",
            "Docker has no address range left: `docker network prune` removes idle ones.",
        ),
    ):
        if mark in said.lower():
            return remedy
    return ""
