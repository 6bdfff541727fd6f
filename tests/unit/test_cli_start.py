"""The first moments of `kluster`: Ctrl-C ends it quietly before its command runs, too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What `kluster` imports, in order: the first and the last of its own, and a library.
MODULES = ["typer", "lab.cli", "lab.cli.table"]

#: Sends this process the signal when a module is about to be imported.
SITE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.{handler})  # a job in the background has it ignored

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
"""


def run(module: str, folder: Path, *argv: str, handler: str = "default_int_handler") -> tuple[int, str, str]:
    (folder / "sitecustomize.py").write_text(SITE.format(module=module, handler=handler))
    done = subprocess.run(
        [*argv, "--version"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("argv", [[sys.executable, "-m", "lab"], [str(Path(sys.executable).with_name("kluster"))]])
def test_an_interrupt_while_it_starts_ends_it_quietly(module: str, argv: list[str], tmp_path: Path) -> None:
    assert run(module, tmp_path, *argv) == (130, "", "")


def test_an_ignored_interrupt_stays_ignored(tmp_path: Path) -> None:
    code, out, err = run("typer", tmp_path, sys.executable, "-m", "lab", handler="SIG_IGN")

    assert (code, err) == (0, "")
    assert out.startswith("kluster ")
