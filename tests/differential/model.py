"""Questions, the answers of both sides, and their files."""

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

__all__ = ["FOLDER", "RECORDINGS", "Answer", "Area", "Pair", "Question", "read_pairs", "write_pairs"]

FOLDER = Path(__file__).parent
#: The smallest questions of mended causes, with the real cluster's answers: one file for each area.
RECORDINGS = FOLDER / "recordings"


@dataclass(frozen=True, slots=True)
class Question:
    """A script for bash on the control plane, in an area's folder or namespace; `timeout` in s."""

    area: str
    script: str
    timeout: float = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One side's answer. `mistake` is the simulator's own Python error, if there was one."""

    rc: int
    stdout: str
    stderr: str
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """One sort of questions, and the preparations that they need."""

    name: str
    question: Callable[[], st.SearchStrategy[Question]]
    #: A script that prepares the control plane, once.
    setup: str = ""
    #: A script that runs before each question; its output is not compared.
    before: str = ""
    #: A script that asks the other nodes after the control plane, and the control plane's files that it needs.
    elsewhere: str = ""
    copied: Sequence[str] = ()
    #: How many questions a real node answers at once; they must not disturb each other.
    together: int = 1


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the answers of both sides."""

    question: Question
    real: Answer
    sim: Answer


def write_pairs(path: Path, asked: Iterable[tuple[Question, Answer]]) -> None:
    """Write questions with the real cluster's answers as JSON, packed if the name ends with `.gz`."""
    listed = []
    for question, answer in asked:
        plain: dict[str, Any] = {**asdict(question), **asdict(answer)}
        del plain["mistake"]
        listed.append(plain)
    text = json.dumps(listed, indent=1, ensure_ascii=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8", "surrogateescape")
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def read_pairs(path: Path) -> Sequence[tuple[Question, Answer]]:
    """Read a file of `write_pairs`."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return [
        (
            Question(each["area"], each["script"], each["timeout"]),
            Answer(each["rc"], each["stdout"], each["stderr"]),
        )
        for each in json.loads(text)
    ]
