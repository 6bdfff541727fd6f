"""Marks of commands: read from output, and set by a real bash."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.base import Shell
from lab.cluster.tools.toolbox import integration
from lab.tui.terminal.marks import CommandEnded, CommandStarted, FolderChanged, Mark, Marks
from tests.tui.local_shell import LocalShell


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def command(text: str, shell: str = "1") -> bytes:
    return f"\x1b]633;E;{text};{shell}\x07\x1b]133;C;shell={shell}\x07".encode()


def end(code: int, shell: str = "1") -> bytes:
    return f"\x1b]133;D;{code};shell={shell}\x07".encode()


def test_a_command_from_start_to_end() -> None:
    clock = Clock()
    marks = Marks(clock)
    assert marks.feed(b"$ ls\r\n" + command("ls \\x3b echo \\\\ \\x0aé")) == [
        CommandStarted("ls ; echo \\ \né", 100.0)
    ]
    assert marks.running == "ls ; echo \\ \né"
    clock.now = 103.5
    ended = CommandEnded("ls ; echo \\ \né", 2, 3.5, printed_anything=True, said="file")
    assert marks.feed(b"file\r\n" + end(2)) == [ended]
    assert marks.running is None


def test_marks_in_any_pieces_and_with_either_end() -> None:
    output = b"x\x1b[1m\x1b]633;E;ls;1\x1b\\" + b"\x1b]133;C;shell=1\x07" + b"\x1b]7;file://n/a%20b\x07" + end(0)
    for size in range(1, len(output)):
        marks = Marks(Clock())
        found = [mark for at in range(0, len(output), size) for mark in marks.feed(output[at : at + size])]
        assert found == [
            CommandStarted("ls", 100.0),
            FolderChanged("/a b"),
            CommandEnded("ls", 0, 0.0, printed_anything=False),
        ]


@pytest.mark.parametrize(
    ("typed", "output", "printed"),
    [
        (b"", b"", False),
        (b"\x03", b"^C\r\n", False),
        (b"\r\r\x03", b"\r\n\r\n^C\r\n", False),
        (b"why\x03", b"why^C\r\n", False),
        (b"\x1b[A\x03", b"^[[A^C\r\n", False),
        (b"", b"\x1b[?2004l\x1b]0;title\x07\x1b[0m\r\n", False),
        (b"\x03", b"x^C\r\n", True),
        (b"why\x03", b"whywhy^C\r\n", True),
        (b"", b"\x1b[31mNAME\x1b[0m\r\n", True),
        (b"", b"x" * 5000, True),
    ],
)
def test_an_echo_is_no_output(typed: bytes, output: bytes, printed: bool) -> None:  # noqa: FBT001
    marks = Marks(Clock())
    marks.feed(command("curl"))
    marks.typed(typed)
    (ended,) = marks.feed(output + end(130))
    assert isinstance(ended, CommandEnded)
    assert ended.printed_anything is printed
    assert ended.cut_off is not printed


def test_only_an_interrupt_cuts_off() -> None:
    marks = Marks(Clock())
    (_, ended) = marks.feed(command("true") + end(0))
    assert isinstance(ended, CommandEnded)
    assert not ended.cut_off


def test_an_end_without_a_start_is_ignored() -> None:
    assert Marks(Clock()).feed(end(130)) == []


def test_a_shell_in_a_shell() -> None:
    marks = Marks(Clock())
    found = marks.feed(command("bash", "1") + b"$ " + command("ls", "2") + end(1, "2") + b"exit\r\n" + end(0, "1"))
    assert found == [
        CommandStarted("bash", 100.0),
        CommandStarted("ls", 100.0),
        CommandEnded("ls", 1, 0.0, printed_anything=False),
        CommandEnded("bash", 0, 0.0, printed_anything=True, said="$ exit"),
    ]


def test_commands_without_an_end_mark_end_with_their_shell() -> None:
    marks = Marks(Clock())
    found = marks.feed(command("bash", "1") + command("sleep 9", "2") + end(137, "1"))
    assert found[2:] == [
        CommandEnded("sleep 9", None, 0.0, printed_anything=False),
        CommandEnded("bash", 137, 0.0, printed_anything=False),
    ]
    marks.feed(command("top"))
    assert marks.end() == [CommandEnded("top", None, 0.0, printed_anything=False)]
    assert marks.running is None


def test_a_mark_that_never_ends_is_not_waited_for() -> None:
    marks = Marks(Clock())
    marks.feed(b"\x1b]633;E;" + b"x" * 100_000)
    assert marks.feed(b"\x07" + command("ls")) == [CommandStarted("ls", 100.0)]


# --- a real bash ---


@pytest.fixture(
    params=["PROMPT_COMMAND='last=$?'", "PROMPT_COMMAND=('last=$?' ':')", "set -u"], ids=["one", "many", "none"]
)
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / "rc").write_text(
        f"LAB_MARKS=1\nPS1='$ '\nlast=9\n{request.param}\n{integration()}", encoding="utf-8"
    )
    return tmp_path


@pytest.fixture
def bash(folder: Path) -> Iterator[Shell]:
    shell = LocalShell(["bash", "--rcfile", str(folder / "rc"), "-i"], 24, 80, {"HOME": str(folder)})
    yield shell
    shell.close()


def said(shell: Shell, typed: str) -> Iterator[bytes]:
    """Type, and return the shell's output, piece by piece.

    An interrupt without an effect is typed again: bash loses one that comes between two waits.
    """
    shell.write(typed.encode())
    for _ in range(40):
        data = shell.read(1)
        if data:
            yield data
        elif typed.endswith("\x03"):
            shell.write(b"\x03")


def marked(shell: Shell, marks: Marks, typed: str, kind: type[Mark]) -> Mark:
    """Type, and return the next mark of that kind."""
    marks.typed(typed.encode())
    found = (mark for data in said(shell, typed) for mark in marks.feed(data))
    return next(mark for mark in found if isinstance(mark, kind))


def prompted(shell: Shell, marks: Marks, typed: str = "") -> None:
    """Type, and wait until the shell reads keys again and no command runs."""
    seen = b""
    for data in said(shell, typed):
        seen += data
        assert not [mark for mark in marks.feed(data) if not isinstance(mark, FolderChanged)]
        if b"\x1b]133;B" in seen:
            return
    raise AssertionError("there was no prompt")


@pytest.mark.parametrize(
    ("typed", "text", "code", "printed"),
    [
        ("true", "true", 0, False),
        ("false", "false", 1, False),
        ("echo hi", "echo hi", 0, True),
        (" echo kept too", "echo kept too", 0, True),
        ("echo 'a;b' \\\\ \"$HOME\" | tail -1", "echo 'a;b' \\\\ \"$HOME\" | tail -1", 0, True),
        ("(exit 7)", "(exit 7)", 7, False),
        ("set -u; :", "set -u; :", 0, False),
        ("echo 漢字", "echo 漢字", 0, True),
        ("no-such-command", "no-such-command", 127, True),
    ],
)
def test_bash_marks_its_commands(bash: Shell, typed: str, text: str, code: int, printed: bool) -> None:  # noqa: FBT001
    marks = Marks()
    prompted(bash, marks)
    for _ in range(2):  # the second time it is in the history already
        ended = marked(bash, marks, f"{typed}\r", CommandEnded)
        assert isinstance(ended, CommandEnded)
        assert (ended.text, ended.exit_code, ended.printed_anything) == (text, code, printed)


def test_bash_tells_a_command_that_was_cut_off(bash: Shell) -> None:
    marks = Marks()
    prompted(bash, marks)
    marked(bash, marks, "sleep 60\r", CommandStarted)
    ended = marked(bash, marks, "\x03", CommandEnded)
    assert isinstance(ended, CommandEnded)
    assert ended.cut_off


def test_an_interrupted_or_empty_line_is_no_command(bash: Shell) -> None:
    marks = Marks()
    prompted(bash, marks)
    prompted(bash, marks, "half a line\x03")
    prompted(bash, marks, "\r")
    started = marked(bash, marks, "true\r", CommandStarted)
    assert isinstance(started, CommandStarted)
    assert started.text == "true"


def test_a_nested_bash_marks_its_own(bash: Shell, folder: Path) -> None:
    marks = Marks()
    prompted(bash, marks)
    inner = f"bash --rcfile {folder}/rc -i"
    outer = marked(bash, marks, f"{inner}\r", CommandStarted)
    prompted(bash, marks, "\r")  # its first prompt may have come with the mark
    ended = marked(bash, marks, "false\r", CommandEnded)
    assert isinstance(outer, CommandStarted)
    assert isinstance(ended, CommandEnded)
    assert (outer.text, ended.text, ended.exit_code) == (inner, "false", 1)
    marked(bash, marks, "exit 3\r", CommandEnded)  # the exit code is unknown
    assert marks.running is None


def test_the_prompt_command_that_was_there_still_sees_the_exit_code(bash: Shell) -> None:
    marks = Marks()
    prompted(bash, marks)
    marked(bash, marks, "(exit 9)\r", CommandEnded)
    shown = b""
    bash.write(b"echo =$last=\r")
    while b"\x1b]133;D;" not in shown:
        shown += bash.read(20) or b""
    assert b"=9=\r\n" in shown
