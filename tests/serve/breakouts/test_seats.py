"""Attempts from within a seat: at the machine's files and programs, at the browser, and at everybody's time."""

import asyncio
import contextlib
import itertools

import pytest

from tests.serve.player import Player
from tests.serve.serving import ONE, THREE, TWO, Serving, seated

_numbers = itertools.count(1000)
#: How often a shell is asked; each time it has ten seconds.
_TRIES = 9


async def still(player: Player) -> None:
    """Have the shell answer, whatever runs in it; Enter opens another one if it has ended."""
    for _ in range(_TRIES):
        number = next(_numbers)
        await player.type(b"\x03\x15\r")
        await player.type(b"\x15echo sti''ll-%d\r" % number)
        with contextlib.suppress(TimeoutError):
            await player.until(b"still-%d" % number, 10)
            return
    raise AssertionError(bytes(player.output)[-2000:])


def attempted(serving: Serving, typed: bytes, until: bytes = b"") -> bytes:
    """Type at the first seat; return its output. Both seats answer afterwards, from the same worker."""
    workers = [worker.pid for worker in serving.workers]

    async def play() -> bytes:
        one, two = await seated(serving, ONE), await seated(serving, TWO)
        try:
            await still(one)
            one.forget()
            await one.type(typed)
            if until:
                await one.until(until)
            await still(two)
            await still(one)
            return bytes(one.output)
        finally:
            await one.close()
            await two.close()

    output = asyncio.run(play())
    assert [worker.pid for worker in serving.workers] == workers
    return output


FILES = (
    "cat {folder}/state.json {folder}/witness.key {folder}/event.yaml",
    "cat /proc/1/root{folder}/state.json /proc/self/cwd/state.json",
    "cd /root; cat ../../../../../../../..{folder}/state.json",
    "ln -s {folder} /tmp/link; cat /tmp/link/state.json; ls /tmp/link/",
    "cat /proc/self/environ /proc/1/environ | tr '\\0' '\\n'; env",
    "for fd in $(ls /proc/self/fd); do readlink /proc/self/fd/$fd; done; cat <&3; cat <&7",
    "curl -s file://{folder}/state.json; wget -qO- file://{folder}/state.json",
    "kubectl apply -f {folder}/event.yaml; kubectl create cm x --from-file={folder} -o yaml --dry-run=client",
    "mount --bind {folder} /mnt; ls /mnt; chroot /proc/1/root cat {folder}/state.json",
    "nsenter -t 1 -a cat {folder}/state.json; unshare -m cat {folder}/state.json",
    ". {folder}/state.json; bash {folder}/state.json; source {folder}/event.yaml",
    "tar cf - {folder} | tar xf - -C /tmp; cp -r {folder} /tmp/copy; cat /tmp/copy/state.json",
    "sed '' {folder}/state.json; awk 1 {folder}/state.json; jq . {folder}/state.json; base64 {folder}/state.json",
    "etcdutl snapshot status {folder}/state.json; openssl x509 -in {folder}/witness.key",
    "python3 -c 'print(open(\"{folder}/state.json\").read())'; perl -e 1; docker ps; kluster list",
)  # fmt: skip


@pytest.mark.parametrize("line", FILES)
def test_no_line_reads_the_machines_files(serving: Serving, line: str) -> None:
    before = (serving.folder / "event.yaml").read_bytes()
    output = attempted(serving, line.format(folder=serving.folder).encode() + b"; echo e''nd\r", b"end")
    state = serving.state
    for secret in (state["code"], *(seat["code"] for seat in state["seats"].values())):
        assert secret.encode() not in output
    assert b"KLUSTER_" not in output
    assert b"title: A test" not in output
    assert (serving.folder / "event.yaml").read_bytes() == before


NETWORK = (
    "curl -s -m 3 {url}/metrics {url}/board {url}/projector",
    "exec 3<>/dev/tcp/{host}/{port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3",
    "wget -T 3 -qO- {url}/",
    "kubectl --server={url} --request-timeout=3s get --raw /board",
    "curl -s -m 3 http://localhost:{port}/ http://[::1]:{port}/ http://0:{port}/",
    "etcdctl --endpoints {url} --command-timeout=3s get /; curl -s -m 3 -x {url} http://example.com/",
)


@pytest.mark.parametrize("line", NETWORK)
def test_no_line_reaches_the_server_or_the_network(serving: Serving, line: str) -> None:
    host, _, port = serving.url.removeprefix("http://").partition(":")
    told = line.format(url=serving.url, host=host, port=port).encode()
    output = attempted(serving, told + b"; echo e''nd\r", b"end")
    assert b"<html" not in output.lower()
    assert b"kluster_seats" not in output


#: What a program prints -> what must not reach the browser.
PRINTED = {
    "a question for the clipboard": rb"\033]52;c;?\007",
    "a question for the window's title": rb"\033[21t",
    "a question for the device": rb"\033[c",
    "a question for the cursor's place": rb"\033[6n",
    "a question for a setting": rb"\033P$qm\033\\",
    "a question for a capability": rb"\033P+q544e\033\\",
    "a picture": rb"\033Pq#0;2;0;0;0~\033\\",
    "a file of iTerm": rb"\033]1337;File=name=eA==;size=1:QQ==\007",
    "a notification": rb"\033]9;come here\007",
    "a command of tmux": rb"\033Ptmux;\033\033]52;c;?\007\033\\",
    "an application's command": rb"\033_Ga=T,f=100;AAAA\033\\",
    "a move of the window": rb"\033[3;0;0t",
    "a link to a file": rb"\033]8;;file:///etc/passwd\033\\click\033]8;;\033\\",
    "a link to a script": rb"\033]8;;javascript:alert(1)\007click\033]8;;\007",
    "a reset of the terminal": rb"\033c",
    "the other screen": rb"\033[?1049l",
    "mouse reports off": rb"\033[?1003l",
    "endless repetition": rb"x\033[2147483647b",
    "a far cursor": rb"\033[2147483647;2147483647H",
    "a sequence with many numbers": rb"\033[" + b"1;" * 3000 + b"m",
    "a long title": rb"\033]0;" + b"t" * 4000 + rb"\007",
    "a string without an end": rb"\033]52;c;" + b"A" * 4000,
    "a C1 string": rb"\302\235" + b"52;c;?" + rb"\302\234",
    "bytes that are no text": rb"\377\376\200\300\301",
}


@pytest.mark.parametrize("what", PRINTED)
def test_what_a_program_prints_gives_no_order_to_the_browser(serving: Serving, what: str) -> None:
    printed = PRINTED[what]
    output = attempted(serving, b"printf '" + printed + b"'; echo; echo e''nd\r", b"end")
    raw = printed.decode("unicode_escape").encode("latin-1")
    # A text for the clipboard would reach the page, which copies it after a click only.
    # The typed line shows its letters, with backslashes; the sequence itself must not be there.
    assert raw not in output
    for start in (
        b"\x1b]52;",
        b"\x1b]1337;",
        b"\x1bP",
        b"\x1b_",
        b"\x1bc",
        b"\x1b]8;;file",
        b"\x1b]8;;java",
        b"\x1b]9;",
    ):
        assert start not in output


KEYS = {
    "leave": b"\x11",
    "quit": b"\x1c",
    "suspend": b"\x1a\x1a",
    "interrupts": b"\x03" * 200,
    "every function key": b"".join(b"\x1b[%d~" % number for number in range(11, 25)) + b"\x1b\x1b",
    "an unfinished paste": b"\x1b[200~rm -rf /",
    "the end of a paste that did not begin": b"\x1b[201~" * 50,
    "mouse reports from nowhere": b"\x1b[<64;0;0M\x1b[<35;-1;-1M\x1b[<3;9999;9999M" * 20,
    "an answer that was not asked for": b"\x1b[?1;2c\x1b[24;80R\x1b]52;c;cm0gLXJmIC8K\x07\x1bP1$r0m\x1b\\",
    "bytes that are no text": bytes(range(128, 256)) * 8,
    "a paste of 30 KB": b"\x1b[200~" + b"# x" * 10_000 + b"\x1b[201~",
}  # fmt: skip


@pytest.mark.parametrize("what", KEYS)
def test_no_key_ends_a_seat(serving: Serving, what: str) -> None:
    attempted(serving, KEYS[what] + (b"\x1b[201~" if what == "an unfinished paste" else b""))
    assert serving.seat(ONE)["phase"] == "playing"


def test_a_shell_that_ends_is_opened_again(serving: Serving) -> None:
    async def play() -> None:
        one = await seated(serving, ONE)
        await still(one)
        for _ in range(2):
            one.forget()
            await one.type(b"\x04")
            await one.until(b"Enter opens")
            await still(one)
        await one.close()

    asyncio.run(play())


HOGS = (
    "echo {1..1000000000}",
    "printf %2000000000d 1",
    "x=$(yes)",
    "yes | sort",
    "[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac =~ ^(a|aa)+$ ]]",
    "dd if=/dev/zero of=/tmp/x bs=1G count=10",
    "yes > /tmp/y",
    ":(){ :|:& };:",
)


@pytest.mark.parametrize("line", HOGS)
def test_no_line_takes_the_time_or_the_memory_of_all(serving: Serving, line: str) -> None:
    attempted(serving, line.encode() + b"\r")
    assert sum(worker.memory_info().rss for worker in serving.workers) < 1_200_000_000


def test_a_seat_that_is_attacked_by_its_own_player_is_nobody_elses(serving: Serving) -> None:
    """Its files and its history are its own, also after all the attempts above."""

    async def play() -> None:
        three = await seated(serving, THREE)
        await three.type(b"\x15history | wc -l; ls /tmp/copy /tmp/x; echo e''nd\r")
        await three.until(b"end")
        assert b"state.json" not in three.output
        await three.close()

    asyncio.run(play())
