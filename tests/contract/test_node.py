"""Commands and files on a node of any backend."""

import hashlib
import io
import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lab.cluster.base import CommandError, Node


class Told(io.BytesIO):
    """Output that signals when a text has come."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def write(self, data: Any, /) -> int:
        written = super().write(data)
        self.told.set()
        return written


def test_a_command_says_what_it_did(node: Node) -> None:
    result = node.run(["bash", "-c", "echo out; echo err >&2; exit 3"])

    assert (result.rc, result.stdout, result.stderr) == (3, "out\n", "err\n")
    assert (result.node, result.argv[0]) == (node.name, "bash")
    with pytest.raises(CommandError, match="exited with 3") as problem:
        result.check()
    assert "err" in problem.value.detail


def test_a_command_that_does_not_exist_is_a_result(node: Node) -> None:
    result = node.run(["no-such-command"])

    assert result.rc == 127
    assert "no-such-command" in result.stderr


def test_arguments_arrive_as_they_are(node: Node) -> None:
    odd = ["a b", "$HOME", "'", '"', "*", "", "\n", "é", "-n", "--"]

    result = node.run(["printf", "%s|", *odd])

    assert result.stdout == "".join(f"{each}|" for each in odd)


@pytest.mark.parametrize("given", ["text: é\n", b"bytes\n", "", "no newline"])
def test_stdin_arrives_and_ends(node: Node, given: str | bytes) -> None:
    result = node.run(["cat"], stdin=given)

    assert result.stdout == (given if isinstance(given, str) else given.decode())


def test_without_stdin_a_command_reads_nothing(node: Node) -> None:
    assert node.run(["cat"], timeout=5).rc == 0


def test_stdin_that_is_not_read_does_no_harm(node: Node) -> None:
    assert node.run(["true"], stdin=b"x" * (1 << 20)).ok


def test_much_goes_in_and_out_at_once(node: Node) -> None:
    text = "0123456789abcde\n" * (1 << 16)

    result = node.run(["cat"], stdin=text)

    assert hashlib.sha256(result.stdout.encode()).digest() == hashlib.sha256(text.encode()).digest()


def test_invalid_text_is_replaced(node: Node) -> None:
    assert node.run(["printf", r"a\377b"]).stdout == "a\ufffdb"


def test_environment_is_passed(node: Node) -> None:
    assert node.run(["bash", "-c", 'echo "$GREETING"'], env={"GREETING": "hello é"}).stdout == "hello é\n"


def test_a_command_runs_as_root_at_home(node: Node) -> None:
    assert node.run(["bash", "-c", 'echo "$HOME $(whoami)"']).stdout == "/root root\n"


def test_the_time_limit_is_shown(node: Node) -> None:
    result = node.run(["bash", "-c", "echo before; sleep 60"], timeout=1)

    assert result.timed_out
    assert result.stdout == "before\n"
    assert result.seconds < 30
    with pytest.raises(CommandError, match="took too long"):
        result.check()


def test_commands_side_by_side_get_their_own_answers(node: Node) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: node.run(["bash", "-c", f"echo {n}; exit {n}"]), range(24)))

    assert [(result.stdout, result.rc) for result in results] == [(f"{n}\n", n) for n in range(24)]


def test_a_file_comes_back_as_written(node: Node) -> None:
    text = "first\n\n  é 'quoted' $HOME `x` \\n\nno newline at the end"
    try:
        node.write_file("/root/contract/deep/er/file.txt", text, mode=0o640)

        assert node.read_file("/root/contract/deep/er/file.txt") == text
        assert node.run(["stat", "-c", "%a", "/root/contract/deep/er/file.txt"]).stdout == "640\n"
        assert node.run(["ls", "-A", "/root/contract/deep/er"]).stdout == "file.txt\n"
    finally:
        node.run(["rm", "-rf", "/root/contract"]).check()


def test_a_file_is_replaced_in_one_step(node: Node) -> None:
    """A reader of the old file keeps it whole: nothing is written into it."""
    try:
        node.write_file("/root/contract/file", "old\n")
        node.run(["ln", "/root/contract/file", "/root/contract/kept"]).check()

        node.write_file("/root/contract/file", "new\n")

        assert node.read_file("/root/contract/file") == "new\n"
        assert node.read_file("/root/contract/kept") == "old\n"
    finally:
        node.run(["rm", "-rf", "/root/contract"]).check()


def test_a_file_that_is_not_there(node: Node) -> None:
    with pytest.raises(FileNotFoundError):
        node.read_file("/root/no/such/file")


def test_a_folder_is_no_file(node: Node) -> None:
    with pytest.raises(CommandError):
        node.read_file("/etc")


def test_streams_pass_through_untouched(node: Node) -> None:
    data = random.Random(5).randbytes(1 << 20)  # noqa: S311 -- not for secrets
    out, err = io.BytesIO(), io.BytesIO()

    rc = node.stream(
        ["bash", "-c", "cat; printf 'e\\377' >&2; exit 7"], stdin=io.BytesIO(data), stdout=out, stderr=err
    )

    assert (rc, err.getvalue()) == (7, b"e\xff")
    assert out.getvalue() == data


def test_a_stream_answers_before_its_input_ends(node: Node) -> None:
    """A user who types a line sees its result at once."""
    reader, writer = os.pipe()
    with open(reader, "rb") as stdin, open(writer, "wb", buffering=0) as keys, ThreadPoolExecutor() as pool:  # noqa: PTH123
        out = Told()
        running = pool.submit(node.stream, ["cat"], stdin=stdin, stdout=out, stderr=io.BytesIO())
        keys.write(b"first\n")
        assert out.told.wait(30)
        assert not running.done()
        keys.close()
        assert running.result(30) == 0
    assert out.getvalue() == b"first\n"


def test_a_stream_that_reads_nothing_does_not_wait_for_its_input(node: Node) -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as stdin, open(writer, "wb"):  # noqa: PTH123
        assert node.stream(["true"], stdin=stdin, stdout=io.BytesIO(), stderr=io.BytesIO()) == 0


def test_a_stream_without_stdin_ends(node: Node) -> None:
    out = io.BytesIO()

    assert node.stream(["cat"], stdin=None, stdout=out, stderr=io.BytesIO()) == 0
    assert out.getvalue() == b""


def test_a_stream_of_a_command_that_does_not_exist(node: Node) -> None:
    err = io.BytesIO()

    assert node.stream(["no-such-command"], stdin=None, stdout=io.BytesIO(), stderr=err) == 127
    assert b"no-such-command" in err.getvalue()
