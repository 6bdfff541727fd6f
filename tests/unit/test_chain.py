"""An attempt's chain: any change to a line that was written is found, and a crash is none."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.chain import BEGINNING, Chain, entries, forgotten, last, verify


def written(path: Path, count: int = 5) -> Path:
    chain = Chain(path)
    for number in range(count):
        chain.add(f"2026-01-01T00:00:0{number}", "lab", text=f"line {number}", points=number)
    chain.close()
    return path


def test_written_lines_are_whole(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    found = verify(path)
    assert (found.whole, found.lines, found.torn) == (True, 5, 0)
    assert [each["data"]["text"] for each in entries(path)] == [f"line {number}" for number in range(5)]


def test_it_continues_where_it_was(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    chain = Chain(path)
    assert chain.head == verify(path).head
    chain.add("2026-01-01T00:01:00", "more")
    chain.close()
    assert verify(path).lines == 6
    assert verify(path).whole


def test_an_end_longer_than_a_block_is_found(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    for number in range(3):
        chain = Chain(path)
        chain.add("2026-01-01T00:01:00", "more", text="x" * 70_000 * number)
        chain.close(durably=False)
    assert (verify(path).whole, verify(path).lines) == (True, 8)
    assert len(last(path)["data"]["text"]) == 140_000


def test_forgotten_data_leaves_the_chain_unbroken(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    before = verify(path)
    text, count = forgotten(path, lambda told: told["n"] in {2, 5})
    path.write_text(text)
    after = verify(path)
    assert (count, after.whole, after.forgotten, after.heads) == (2, True, 2, before.heads)
    assert "line 1" not in text
    assert [each["n"] for each in entries(path)] == [1, 3, 4]
    chain = Chain(path)
    chain.add("2026-01-01T00:01:00", "more")
    chain.close()
    assert verify(path).whole


def test_the_same_words_have_another_sum_each_time(tmp_path: Path) -> None:
    """So that nobody finds by trying what a line said that was forgotten."""
    chain = Chain(tmp_path / "a.jsonl")
    for _ in range(2):
        chain.add("2026-01-01T00:00:00", "lab", text="kubectl get pods")
    chain.close()
    one, two = entries(tmp_path / "a.jsonl")
    assert one["sum"] != two["sum"]


def test_no_file_is_an_empty_chain(tmp_path: Path) -> None:
    assert verify(tmp_path / "none").head == BEGINNING
    assert list(entries(tmp_path / "none")) == []


def changed(lines: list[bytes]) -> list[bytes]:
    told = json.loads(lines[2])
    told["data"]["points"] = 100
    return [*lines[:2], json.dumps(told, sort_keys=True, separators=(",", ":")).encode(), *lines[3:]]


@pytest.mark.parametrize(
    "tamper",
    [
        changed,
        lambda lines: lines[:2] + lines[3:],
        lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
        lambda lines: [*lines[:3], lines[2], *lines[3:]],
        lambda lines: [*lines[:2], lines[2].replace(b":", b": ", 1), *lines[3:]],
        lambda lines: [*lines[:2], b"not a line", *lines[3:]],
        lambda lines: lines[1:],
        lambda lines: [*lines[:2], b"[" * 100_000 + b"]" * 100_000, *lines[3:]],
    ],
)
def test_a_change_is_found_where_it_is(tmp_path: Path, tamper: object) -> None:
    path = written(tmp_path / "a.jsonl")
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join(tamper(lines)) + b"\n")  # type: ignore[operator]
    found = verify(path)
    assert not found.whole
    assert found.lines <= 3
    assert found.wrong.startswith(f"line {found.lines + 1}: ")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_any_byte_that_is_changed_is_found(
    tmp_path_factory: pytest.TempPathFactory, where: int, byte: int
) -> None:
    path = written(tmp_path_factory.mktemp("chain") / "a.jsonl")
    data = bytearray(path.read_bytes())
    # The end of the file is what a crash may cut off; the lines before it are not.
    where %= data.rindex(b"\n", 0, len(data) - 1)
    if data[where] == byte:
        return
    head = verify(path).head
    data[where] = byte
    path.write_bytes(data)
    found = verify(path)
    assert not found.whole or found.head != head


def test_what_a_crash_cut_off_is_taken_away(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    with path.open("ab") as file:
        file.write(b'{"n":6,"at":"2026')
    assert verify(path).whole
    assert verify(path).torn == 17
    chain = Chain(path)
    assert chain.torn == 17
    chain.add("2026-01-01T00:01:00", "torn")
    chain.close()
    assert verify(path).whole
    assert verify(path).lines == 6


@pytest.mark.parametrize("depth", [*range(880, 1000, 4), 100_000])
def test_no_depth_of_a_line_is_more_than_a_damaged_line(tmp_path: Path, depth: int) -> None:
    path = written(tmp_path / "a.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"n":6,"before":' + b"[" * depth + b"]" * depth + b"}\n")
    assert verify(path).wrong.startswith("line ")
    Chain(path).close()


def test_a_changed_chain_can_be_continued_and_stays_broken(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    path.write_bytes(b"\n".join(changed(path.read_bytes().splitlines())) + b"\n")
    chain = Chain(path)
    chain.add("2026-01-01T00:01:00", "more")
    chain.close()
    assert not verify(path).whole
    assert len(list(entries(path))) == 6
