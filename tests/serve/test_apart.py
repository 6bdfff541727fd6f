"""Workers on other machines: who is accepted; connection, server and worker break, and nothing is lost."""

import asyncio
import json
import shutil
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.chain import entries
from lab.errors import LabError, UsageProblem
from lab.patience import poll
from lab.serve.apart import StrangerError, tls
from lab.serve.server.child import Child
from lab.serve.server.hall import Hall
from lab.serve.server.handover import hand_over
from lab.serve.server.link import Link
from lab.serve.server.remote import Remote, address
from lab.serve.wire import HANDED, Frame, Kind, packed, packed_data, read
from tests.serve.apart import Network, Pod, keys, listening, meets
from tests.serve.conftest import PEOPLE
from tests.serve.doors import event_in
from tests.serve.player import Player
from tests.serve.serving import ONE, THREE, TWO, Serving, seated

# --- who is accepted ---


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """The certificates of a server and a worker."""
    return keys(tmp_path / "keys")


def test_server_and_worker_accept_each_other(sides: tuple[Path, Path]) -> None:
    async def play() -> None:
        async with listening(sides[1]) as outpost:
            await meets(outpost, tls(sides[0], listening=False))

    asyncio.run(play())


def test_nobody_gets_in_without_the_servers_key(sides: tuple[Path, Path], tmp_path: Path) -> None:
    none = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    none.check_hostname, none.verify_mode = False, ssl.CERT_NONE
    stranger = keys(tmp_path / "others")[0]
    shutil.copy(sides[0] / "peer.crt", stranger)
    # Another worker has the certificate of all workers, and is no server.
    worker = tmp_path / "worker"
    shutil.copytree(sides[1], worker)
    shutil.copy(sides[1] / "tls.crt", worker / "peer.crt")

    async def play() -> None:
        async with listening(sides[1]) as outpost:
            for context in (none, tls(stranger, listening=False), tls(worker, listening=False)):
                with pytest.raises(OSError):  # noqa: PT011 -- of many kinds
                    await meets(outpost, context)

    asyncio.run(play())


def test_a_server_sends_nothing_to_a_worker_that_it_does_not_know(
    sides: tuple[Path, Path], tmp_path: Path
) -> None:
    stranger = keys(tmp_path / "others")[1]
    shutil.copy(sides[1] / "peer.crt", stranger)

    async def play() -> None:
        async with listening(stranger) as outpost:
            with pytest.raises(ssl.SSLCertVerificationError):
                await meets(outpost, tls(sides[0], listening=False))

    asyncio.run(play())


OLD = packed_data(Kind.HELLO, {"version": "0.1"})


def test_a_server_of_another_version_is_refused(sides: tuple[Path, Path]) -> None:
    async def play() -> None:
        async with listening(sides[1]) as outpost:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", outpost.port, ssl=tls(sides[0], listening=False)
            )
            writer.write(OLD)
            hello = await read(reader)
            assert hello
            assert hello.kind is Kind.HELLO
            assert await read(reader) is None
            writer.close()

    asyncio.run(play())


@pytest.mark.parametrize(
    ("said", "why"), [(OLD, "it is kluster 0[.]1"), (packed(Kind.START), "introduce"), (b"", "introduce")]
)
def test_a_worker_of_another_version_is_refused(sides: tuple[Path, Path], said: bytes, why: str) -> None:
    async def greets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async def play() -> None:
        listener = await asyncio.start_server(greets, "127.0.0.1", 0, ssl=tls(sides[1], listening=True))
        async with listener:
            way = Remote("127.0.0.1", listener.sockets[0].getsockname()[1], tls(sides[0], listening=False))
            with pytest.raises(StrangerError, match=why):
                await way.open()

    asyncio.run(play())


def test_certificates_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="can't be used"):
        tls(tmp_path, listening=False)


@pytest.mark.parametrize(
    ("text", "found"),
    [("worker-0", ("worker-0", 8006)), ("worker-0:9", ("worker-0", 9)), ("[fd00::1]:9", ("fd00::1", 9))],
)
def test_an_address_has_a_host_and_a_port(text: str, found: tuple[str, int]) -> None:
    assert address(text) == found


@pytest.mark.parametrize("text", [":9", "worker-0:", "worker-0:x", "worker-0:70000"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="no address"):
        address(text)


def test_probes_are_answered_without_a_certificate(sides: tuple[Path, Path]) -> None:
    async def play() -> None:
        async with listening(sides[1]) as outpost:
            reader, writer = await asyncio.open_connection("127.0.0.1", outpost.probes)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
            writer.close()

    asyncio.run(play())


# --- connections ---


class Told:
    """What a link says: how often its worker came and went, and its frames."""

    def __init__(self, way: Remote) -> None:
        self.came = self.went = 0
        self.frames: list[Frame] = []
        self._changed = asyncio.Condition()
        self.link = Link(way, came=self._come, heard=lambda _, frame: self.frames.append(frame), went=self._go)

    def _come(self, _: Link) -> None:
        self.came += 1
        self._tell()

    def _go(self, _: Link) -> None:
        self.went += 1
        self._tell()

    def _tell(self) -> None:
        async def tell() -> None:
            async with self._changed:
                self._changed.notify_all()

        self._task = asyncio.ensure_future(tell())

    async def until(self, condition: Callable[[], object]) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(condition), 60)


async def running(told: Told, does: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(told.link.run())
    try:
        await does()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_link_finds_its_worker_again(sides: tuple[Path, Path]) -> None:
    context = tls(sides[0], listening=False)

    async def play() -> None:
        async with listening(sides[1]) as outpost:
            with Network(outpost.port).there() as network:
                told = Told(Remote("127.0.0.1", network.port, context))

                async def breaks() -> None:
                    await told.until(lambda: told.came == 1)
                    network.cut()
                    await told.until(lambda: (told.came, told.went) == (2, 1))

                await running(told, breaks)
        assert told.link.starts == 2

    asyncio.run(play())


def test_the_newest_server_has_the_worker(sides: tuple[Path, Path]) -> None:
    """The machine of the previous one may have been lost without a word."""
    context = tls(sides[0], listening=False)

    async def play() -> None:
        async with listening(sides[1]) as outpost:
            lost = Told(Remote("127.0.0.1", outpost.port, context))

            async def replaced() -> None:
                await lost.until(lambda: lost.came == 1)
                await meets(outpost, context)
                await lost.until(lambda: lost.went == 1)

            await running(lost, replaced)

    asyncio.run(play())


# --- where labs are ---


def test_seats_stay_with_the_worker_that_has_their_labs(tmp_path: Path, sides: tuple[Path, Path]) -> None:
    folder = event_in(tmp_path / "event")
    context = tls(sides[0], listening=False)
    state = folder.create_state()

    def workers(count: int) -> list[int]:
        hall = Hall(folder, state, [Remote(f"worker-{number}", 8006, context) for number in range(count)])
        for place in hall.places.values():
            place.record.close()
        return [seat.worker for seat in state.seats.values()]

    two = workers(2)
    assert sorted(set(two)) == [1, 2]
    assert workers(3) == two
    with pytest.raises(LabError, match="Worker 2 has labs"):
        workers(1)


def test_without_them_the_events_folder_has_the_labs(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "event")
    hall = Hall(folder, folder.create_state(), [Child(folder.home, 0.3)])
    assert {seat.worker for seat in hall.state.seats.values()} == {0}
    for place in hall.places.values():
        place.record.close()


def test_only_files_of_a_submitted_lab_are_handed_over(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "event")
    for name in (b"../state.json", b"state.json", b""):
        with pytest.raises(ValueError, match="no file of"):
            hand_over(folder, ONE, name + b"\0x")
    with pytest.raises(ValueError, match="cut off"):
        hand_over(folder, ONE, b"lab.json\0" + zlib.compress(b"{}")[:-1])
    assert not folder.home.exists()


# --- a running event ---


class Field:
    """An event whose seats are in a process that outlives the server, behind a network that breaks."""

    def __init__(self, serving: Serving, pod: Pod, network: Network, certificates: Path) -> None:
        self.serving, self.pod, self.network = serving, pod, network
        self._keys = certificates

    def begin(self) -> None:
        """Start the server."""
        self.serving.begin("--worker", f"127.0.0.1:{self.network.port}", "--worker-keys", str(self._keys))


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """An event of three people that has begun."""
    path = tmp_path_factory.mktemp("apart")
    server, worker = keys(path / "keys")
    (path / "volume").mkdir()
    pod = Pod(path / "volume" / "labs", worker)
    with Network(pod.port).there() as network:
        found = Field(Serving(path / "event", PEOPLE), pod, network, server)
        pod.begin()
        found.begin()
        try:
            found.serving.until_phase("ready")
            found.serving.act("start")
            found.serving.until_phase("playing")
            yield found
            found.serving.end()
            pod.end()
        finally:
            found.serving.abandon()
            pod.abandon()


async def asks(player: Player, line: str, answer: str) -> None:
    """Type `line` and see `answer`, which the line itself must not contain."""
    player.forget()
    await player.type(f"\x15{line}\r".encode())
    await player.until(answer.encode())


def test_nothing_is_lost_when_the_connection_is_cut_while_people_type(field: Field) -> None:
    async def play() -> None:
        player = await seated(field.serving, ONE)
        staying = asyncio.create_task(player.stay())
        await player.type(b"\x15")
        for number in range(60):
            await player.type(f"echo {number} >>/root/all\r".encode())
            if number % 20 == 10:
                cuts = field.network.count
                await asyncio.to_thread(field.network.cut)
                assert await asyncio.to_thread(poll, lambda: field.network.count > cuts, timeout=60, every=0.05)  # noqa: B023
        await asks(player, "tr '\\n' , </root/all | md5sum", _sum("".join(f"{number}," for number in range(60))))
        staying.cancel()
        await player.close()

    asyncio.run(play())
    assert field.network.count >= 4


def _sum(text: str) -> str:
    import hashlib  # noqa: PLC0415 -- only here

    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 -- as the shell's


def test_shells_outlive_the_server(field: Field) -> None:
    async def play() -> None:
        player = await seated(field.serving, TWO)
        await asks(player, "kept=in-the-sh''ell; echo $kept", "in-the-shell")
        await asyncio.to_thread(field.serving.end)
        await asyncio.to_thread(field.begin)
        again = Player(field.serving.url, field.serving.cookie(TWO))
        await again.come_back(b"root@")
        await asks(again, "echo still-$kept", "still-in-the-shell")
        await player.close()
        await again.close()

    asyncio.run(play())
    # The time without a server does not count, also for a worker that went on.
    assert field.serving.state["pauses"][-1]["why"] == "the server was not running"


def test_a_worker_that_is_replaced_continues_from_its_volume(field: Field) -> None:
    async def play() -> None:
        player = await seated(field.serving, TWO)
        staying = asyncio.create_task(player.stay())
        await asks(player, "echo on-the-vol''ume >/root/kept; cat /root/kept", "on-the-volume")
        await asyncio.to_thread(field.pod.end)
        field.pod.begin()
        await asks(player, "sed s/on/still-on/ /root/kept", "still-on-the-volume")
        staying.cancel()
        await player.close()

    asyncio.run(play())
    told = [each["kind"] for each in entries(field.serving.folder / "attempts" / f"{TWO}.jsonl")]
    assert "worker" in told


def test_the_server_gets_what_an_appeal_needs(field: Field) -> None:
    field.serving.act("submit", seat=THREE)
    field.serving.until_phase("over", THREE)
    lab = field.serving.folder / "labs" / "labs" / THREE
    field.serving.until(lambda _: (lab / HANDED[-1]).is_file(), "nothing was handed over")
    assert all((lab / name).is_file() for name in HANDED)
    kept: dict[str, Any] = json.loads((lab / "lab.json").read_text(encoding="utf-8"))
    assert kept["final"]
