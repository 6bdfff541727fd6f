"""The project's own wheel, built from a checkout."""

import hashlib
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lab.bundle.lock import Pin, outdated, pins, shipped
from lab.errors import LabError, UsageProblem

__all__ = ["Checkout", "build"]


@dataclass(frozen=True, slots=True)
class Checkout:
    """The project's files at `root`: the needs of its wheel with the extra `serve`, and its lock file's text."""

    root: Path
    needs: tuple[str, ...]
    lock: str

    @classmethod
    def at(cls, root: Path) -> "Checkout":
        """Return the checkout at `root`.

        Raises:
            UsageProblem: there is none, or its lock file is older than its requirements.

        """
        try:
            project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            lock = (root / "requirements.lock").read_text(encoding="utf-8")
        except OSError as error:
            raise UsageProblem(
                "A bundle is made from a checkout of the project, and this kluster is not in one.",
                f"{error.filename}: {error.strerror}",
                "In a checkout: make lab, then .venv/bin/kluster bundle OUT.tar",
            ) from None
        needs = (*project["dependencies"], *project["optional-dependencies"]["serve"])
        found = cls(root, needs, lock)
        if old := outdated(pins(lock), needs):
            raise UsageProblem(
                "requirements.lock is older than pyproject.toml.",
                f"It does not meet: {', '.join(old)}",
                "make lock",
            )
        return found

    @property
    def digest(self) -> str:
        """The SHA-256 of the lock file."""
        return hashlib.sha256(self.lock.encode()).hexdigest()

    @property
    def pins(self) -> list[Pin]:
        """The pins of what the wheel needs."""
        return shipped(pins(self.lock), self.needs)


def build(checkout: Checkout, folder: Path) -> Path:
    """Build the wheel into `folder`; the same files make the same wheel.

    Raises:
        LabError: the build backend is missing, or fails.

    """
    if not find_spec("hatchling"):
        raise LabError(
            "The project's wheel can't be built: hatchling is not installed.",
            remedy="Use the checkout's own environment: make lab, then .venv/bin/kluster bundle OUT.tar",
        )
    argv = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(
        argv, cwd=checkout.root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = (done.stderr + done.stdout).strip()
        raise LabError("The project's wheel can't be built.", "\n".join(said.splitlines()[-8:]))
    return next(folder.glob("*.whl"))
