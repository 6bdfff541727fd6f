"""Record the results of key sequences in Debian's vim-tiny and nano: `python -m tests.editing.record [NAME...]`.

Needs Debian 12 with vim-tiny and nano, as in the image of a node.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.editing.cases import Case, Recording, cases_of, save, texts
from tests.editing.generate import generated
from tests.editing.keys import presses
from tests.editing.real import RealEditor, missing

__all__ = ["record"]

#: The lists, with the number and the seed of the random sequences beside them.
_NAMES = {"vi": 300, "nano": 150}
_SEED = 2024


def record(case: Case, text: str) -> Recording:
    """Return the real editor's result for `case`, which starts with `text`."""
    with tempfile.TemporaryDirectory(prefix="vi") as name:
        folder = Path(name)
        (folder / "work").write_text(text, encoding="utf-8")
        (folder / ".home").mkdir()
        # An escape is a key, unless the rest of a key follows at once.
        (folder / ".home" / ".vimrc").write_text("set ttimeout ttm=4\n", encoding="utf-8")
        editor = RealEditor(folder, [case.program, "work"], case.rows, case.cols)
        try:
            return _typed(editor, case, folder, text)
        finally:
            editor.close()


def _typed(editor: RealEditor, case: Case, folder: Path, text: str) -> Recording:
    for key in presses(case.keys):
        if editor.ended is None:
            editor.type(key)
    made = Recording(case)
    files = {
        path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if not path.name.startswith(".")
    }
    made.files = {name: found for name, found in files.items() if name != "work" or found != text}
    if editor.ended is not None:
        made.exit_code = editor.ended
        return made
    picture = editor.picture()
    made.screen, made.cursor = picture.rows, picture.cursor
    buffer = _buffer(editor, case, folder, picture.rows[-1])
    made.buffer = buffer if buffer != text else None
    return made


def _buffer(editor: RealEditor, case: Case, folder: Path, last: str) -> str:
    """Make the editor write its text, from any mode."""
    if case.program == "nano":
        keys = ["\x03", "\x03", "\x13"]
    else:
        asked = {"replace with": ["q"], "Backwards range": ["n"]}
        keys = next((keys for start, keys in asked.items() if last.startswith(start)), [])
        keys = [*keys, "\x1c\x0e", ":w! .buffer\r"]
    for key in keys:
        editor.type(key)
    if case.program != "nano":
        return (folder / ".buffer").read_text(encoding="utf-8")
    written = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return max(written, key=lambda path: path.stat().st_mtime_ns).read_text(encoding="utf-8")


def main() -> None:
    """Record the named lists, or all."""
    if said := missing():
        sys.exit(said)
    for name in sys.argv[1:] or _NAMES:
        starts = texts(name)
        for kind, cases in (("", cases_of(name)), ("-drawn", generated(name, _NAMES[name], _SEED))):
            with ThreadPoolExecutor(4) as pool:
                made = [pool.submit(record, case, starts[case.text]) for case in cases]
                save(name + kind, [future.result() for future in made])


if __name__ == "__main__":
    main()
