"""Our editors, with the same input as the real ones."""

import subprocess
from importlib.resources import files
from pathlib import PurePosixPath

from lab.cluster.sim.shell.editing.canvas import plain_row
from lab.cluster.sim.shell.editing.nano.editor import NanoEditor
from lab.cluster.sim.shell.editing.shell import ShellResult
from lab.cluster.sim.shell.editing.vi.editor import ViEditor
from tests.editing.cases import Case, Recording
from tests.editing.keys import presses

__all__ = ["MemoryHost", "replay"]

_TABLE = files("lab.cluster.sim.data").joinpath("program_versions.txt").read_text(encoding="utf-8")
_VERSION = _TABLE[_TABLE.index("VIM - Vi") :].partition("Linking:")
_VERSION_TEXT = _VERSION[0] + "Linking:" + _VERSION[2].split("\n")[0]


class MemoryHost:
    """Files in a dictionary."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self.time = 1000.0

    def read(self, path: str) -> str | None:
        return self.files.get(path)

    def write(self, path: str, text: str) -> None:
        self.files[path] = text

    def is_folder(self, path: str) -> bool:
        return path in {".", "/"}

    def may_write(self, path: str) -> bool:
        return bool(path)

    def names(self, folder: str) -> list[str]:
        return [str(PurePosixPath(name)) for name in self.files] if folder == "." else []

    def now(self) -> float:
        return self.time

    def folder(self) -> str:
        return "/root"

    def version(self) -> str:
        return _VERSION_TEXT


def _editor(case: Case, host: MemoryHost) -> ViEditor | NanoEditor:
    if case.program == "nano":
        return NanoEditor(host, "work", rows=case.rows, cols=case.cols)
    return ViEditor(
        host,
        ["work"],
        compatible=case.program == "vi",
        readonly=case.program == "view",
        rows=case.rows,
        cols=case.cols,
    )


def replay(case: Case, text: str) -> Recording:
    """Return our editor's result for `case`, which starts with `text`."""
    host = MemoryHost({"work": text})
    editor = _editor(case, host)
    frame = editor.frame()
    for key in presses(case.keys):
        if editor.exit_code is not None:
            break
        editor.type(key)
        while (asked := editor.asks) is not None:
            # A few harmless filters really run.
            done = subprocess.run(  # noqa: PLW1510 -- its code is what counts
                ["bash", "-c", asked.command], input=asked.stdin or "", capture_output=True, text=True
            )
            editor.answer(ShellResult(done.stdout + done.stderr, done.returncode))
        frame = editor.frame()
    made = Recording(case)
    made.files = {name: found for name, found in host.files.items() if name != "work" or found != text}
    made.exit_code = editor.exit_code
    if editor.exit_code is None:
        made.screen = [plain_row(row).rstrip() for row in frame.rows]
        made.cursor = frame.cursor if frame.cursor_shown else (-1, -1)
        buffer = editor.vi.buffer.text() if isinstance(editor, ViEditor) else str(editor.nano.text)
        made.buffer = buffer if buffer != text else None
    return made
