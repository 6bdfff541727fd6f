"""Key sequences that were typed into a real editor, with the resulting screens and files."""

import functools
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.cluster.sim.api import documents

__all__ = ["Case", "Recording", "cases_of", "load", "save"]

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Case:
    """One key sequence, and the editor and text it is typed into."""

    #: The name of the editor: vi, view, vim.tiny, nano.
    program: str
    #: The name of the initial text.
    text: str
    rows: int
    cols: int
    keys: str

    def __str__(self) -> str:
        return f"{self.program} {self.text} {self.rows}x{self.cols} {self.keys}"


@dataclass(slots=True)
class Recording:
    """The recorded result of a case."""

    case: Case
    #: The rows of the screen; None if the editor had ended.
    screen: list[str] = field(default_factory=list)
    cursor: tuple[int, int] = (0, 0)
    #: The edited text, if it differs from the initial one.
    buffer: str | None = None
    #: Files that differ from the initial ones.
    files: dict[str, str] = field(default_factory=dict)
    exit_code: int | None = None


def texts(name: str) -> dict[str, str]:
    """Return the texts of `NAME.yaml` by name."""
    found: dict[str, str] = _read(name)["texts"]
    return found


def cases_of(name: str) -> Iterator[Case]:
    """Yield the cases that `NAME.yaml` lists."""
    for run in _read(name)["runs"]:
        rows, cols = run.get("size", (12, 50))
        for keys in run["sequences"]:
            yield Case(run.get("as", "vi"), run["text"], rows, cols, keys)


def load(name: str) -> list[Recording]:
    """Return the recordings in `NAME.json`."""
    lines = (_HERE / "recordings" / f"{name}.json").read_text(encoding="utf-8").splitlines()
    return [_recording(json.loads(line)) for line in lines]


def save(name: str, recordings: list[Recording]) -> None:
    """Write `NAME.json`, one line per recording."""
    path = _HERE / "recordings" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    lines = [json.dumps(_plain(recording), ensure_ascii=False) for recording in recordings]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@functools.cache
def _read(name: str) -> Any:
    return documents.load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))


def _plain(recording: Recording) -> dict[str, Any]:
    data = asdict(recording)
    case: dict[str, Any] = data.pop("case")
    return case | {key: value for key, value in data.items() if value not in (None, [], {})}


def _recording(data: dict[str, Any]) -> Recording:
    case = Case(*(data.pop(name) for name in ("program", "text", "rows", "cols", "keys")))
    data["cursor"] = tuple(data["cursor"])
    return Recording(case, **data)
