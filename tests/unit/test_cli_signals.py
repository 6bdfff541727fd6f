"""Ctrl-C and other ends, in a separate process: never a traceback, always a message about what is left."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.fakes import Kluster, kluster

__all__ = ["kluster"]

ROOT = Path(__file__).resolve().parents[2]

#: The command line over a toy. Its commands with the word `stuck` print that on stderr, and then wait forever.
DRIVER = textwrap.dedent(
    """
    import signal, sys, threading
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has it ignored
    import pytest
    from lab import cli
    from tests import fakes

    class Stuck(fakes.ToyNode):
        def run(self, argv, **options):
            if "{stuck}" in " ".join(argv):
                sys.stderr.write("stuck\\n")
                sys.stderr.flush()
                threading.Event().wait()
            return super().run(argv, **options)

    fakes.install(pytest.MonkeyPatch())
    fakes.ToyNode = Stuck
    {more}
    sys.argv[0] = "kluster"
    cli.run()
    """
)


def start(stuck: str, home: Path, *argv: str, more: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER.replace("{stuck}", stuck).replace("{more}", more), *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "KLUSTER_HOME": str(home), "PYTHONPATH": str(ROOT)},
    )


def until_stuck(process: "subprocess.Popen[str]") -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.endswith("stuck\n"):
            return
    pytest.fail("it ended before it was stuck")


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def test_a_creation_that_is_interrupted_leaves_nothing(kluster: Kluster, tmp_path: Path) -> None:
    process = start("apply", tmp_path, "create", str(kluster.scenario), "--backend", "sim")
    until_stuck(process)

    process.send_signal(signal.SIGINT)
    code, err = finish(process)

    assert code == 130
    assert "Stopping ..." in err
    assert "There is no lab called kluster005: nothing was left behind." in err
    assert "Traceback" not in err
    assert list((tmp_path / "labs").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_breaking_that_is_cut_off_is_known_afterwards(
    kluster: Kluster, tmp_path: Path, number: signal.Signals
) -> None:
    assert kluster("create", str(kluster.scenario), "--backend", "sim", "--name", "mine").code == 0
    process = start("break", tmp_path / "home", "break", "--name", "mine")
    until_stuck(process)

    process.send_signal(number)
    code, err = finish(process)

    assert code == 130
    assert "Lab mine is injecting." in err
    assert "kluster reset --name mine" in err
    assert "Traceback" not in err


def test_a_second_interrupt_does_not_wait_for_threads(kluster: Kluster, tmp_path: Path) -> None:
    kluster.broken()
    process = start("is-it", tmp_path / "home", "check")
    until_stuck(process)

    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert any("Stopping" in line for line in process.stderr)
    # As a person does: again, if the first signal came a moment too early.
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
    # A part of it may have been read ahead above.
    err = process.stderr.read()
    code, _ = finish(process)

    assert code == 130
    assert "Lab kluster005 is broken." in err


def test_another_interrupt_does_not_cut_the_last_words(kluster: Kluster, tmp_path: Path) -> None:
    again = """
from lab.cli import entry

def interrupted(lab, said=entry._interrupted):
    signal.raise_signal(signal.SIGINT)
    return said(lab)

entry._interrupted = interrupted
"""
    process = start("apply", tmp_path, "create", str(kluster.scenario), "--backend", "sim", more=again)
    until_stuck(process)

    process.send_signal(signal.SIGINT)
    code, err = finish(process)

    assert code == 130
    assert "There is no lab called kluster005" in err
