"""Record the answers of the real /bin/bash to a corpus of scripts: `python -m tests.sim.bash.record NAME...`.

A corpus is a file `NAME.txt` in `corpus/`. Lines of `----` separate scripts; a block that begins with `lines` has
one script per line. The first line of a script may be `#! file` or `#! stdin` (the way to run it); otherwise it is
run by `bash -c`. Bash's answers are written to `corpus/NAME.json`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.sim.bash.corpora import FILES, FOLDER, NORMAL, corpus_file, mode_of, recording_file, scripts

__all__: list[str] = []


def _lay() -> None:
    folder = Path(FOLDER)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path, text in FILES.items():
        place = folder / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
            place.chmod(0o755 if path.endswith(".sh") else 0o644)


def answer(script: str) -> dict[str, object]:
    """Return what bash writes for a script, and its exit code."""
    _lay()
    how, text = mode_of(script)
    argv = ["/bin/bash", "-c", text]
    if how == "file":
        (Path(FOLDER) / "script.sh").write_text(text, encoding="utf-8")
        argv = ["/bin/bash", "script.sh"]
    elif how == "stdin":
        argv = ["/bin/bash"]
    done = subprocess.run(
        ["bash", *argv[1:]],
        executable="/bin/bash",
        input=text.encode() if how == "stdin" else b"",
        capture_output=True,
        cwd=FOLDER,
        env={"PATH": os.environ["PATH"], "HOME": "/root", "LC_ALL": "C.UTF-8", "SHELL": "/bin/bash"},
        timeout=20,
        check=False,
    )
    return {
        "script": script,
        "out": NORMAL.sub("", done.stdout.decode(errors="surrogateescape")),
        "err": done.stderr.decode(errors="surrogateescape"),
        "code": done.returncode,
    }


def main(names: list[str]) -> None:
    """Record corpora by their names."""
    for name in names:
        found = [answer(script) for script in scripts(corpus_file(name).read_text(encoding="utf-8"))]
        text = json.dumps(found, indent=0, ensure_ascii=True) + "\n"
        recording_file(name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
