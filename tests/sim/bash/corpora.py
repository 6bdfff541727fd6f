"""Corpora of scripts: their format, and the files that they use."""

import json
import re
from pathlib import Path
from typing import Any

__all__ = ["FILES", "FOLDER", "NORMAL", "corpus_file", "mode_of", "recorded", "recording_file", "scripts"]

FOLDER = "/tmp/corpus"  # noqa: S108 -- of the simulated node, and of the recordings
FILES = {
    "a.txt": "alpha\nbeta\ngamma\n",
    "b.txt": "one two  three\nfour\n",
    "c d.txt": "spaced\n",
    ".hidden": "dot\n",
    "list.csv": "name,age,city\nann,30,Oslo\nbob,25,Rome\n",
    "pod-a.yaml": "kind: Pod\nmetadata:\n  name: a\n",
    "pod-b.yaml": "kind: Pod\nmetadata:\n  name: b\n",
    "empty": "",
    "logs/x.log": "x\n",
    "logs/y.log": "y\n",
    "logs/old/z.log": "z\n",
    "dir/": "",
    "lib.sh": 'greet() { echo "hello $1"; }\nLIB=loaded\n',
}
NORMAL = re.compile(r"(?!)")
_FOLDER = Path(__file__).parent / "corpus"


def corpus_file(name: str) -> Path:
    """Return the file that holds a corpus."""
    return _FOLDER / f"{name}.txt"


def recording_file(name: str) -> Path:
    """Return the file with bash's answers."""
    return _FOLDER / f"{name}.json"


def scripts(text: str) -> list[str]:
    """Return the scripts of a corpus: one per line, or several lines between lines of `----`."""
    found: list[str] = []
    for block in re.split(r"^----\n", text, flags=re.MULTILINE):
        if block.startswith("lines\n"):
            found += [line for line in block.split("\n")[1:] if line]
        elif block.strip():
            found.append(block.removesuffix("\n"))
    return found


def mode_of(script: str) -> tuple[str, str]:
    """Return the way to run a script (`c`, `file`, `stdin`), and its text."""
    for how in ("file", "stdin"):
        if script.startswith(f"#! {how}\n"):
            return how, script.split("\n", 1)[1] + "\n"
    return "c", script


def recorded(name: str) -> list[dict[str, Any]]:
    """Return bash's recorded answers."""
    found: list[dict[str, Any]] = json.loads(recording_file(name).read_text(encoding="utf-8"))
    return found
