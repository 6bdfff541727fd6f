"""The wheels of the pinned packages, downloaded by pip for each target and Python."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from lab.bundle.lock import Pin
from lab.bundle.targets import PYTHONS, Target
from lab.errors import LabError
from lab.progress import Progress, step

__all__ = ["Missing", "download", "pip_command", "requirements"]

#: target -> Python -> the pinned versions that have no wheel there.
Missing = Mapping[str, Mapping[str, list[str]]]

_NONE_FITS = re.compile(r"No matching distribution found for ([\w.-]+)==")
#: What pip prints about a failed download -> a title and a remedy.
_FAILURES = (
    (
        ("No space left on device", "Errno 28"),
        "The disk is full.",
        "Free some space, or choose fewer systems: --platform linux-amd64",
    ),
    (
        ("DO NOT MATCH THE HASHES",),
        "The package index has other files than requirements.lock.",
        "Ask whoever runs your index or proxy why its files differ.",
    ),
    (
        ("CERTIFICATE_VERIFY_FAILED", "SSLError"),
        "The package index has a certificate that pip does not trust.",
        "Behind a proxy with its own CA: export PIP_CERT=/path/ca.pem",
    ),
    (
        ("connection broken by", "Could not fetch URL", "Max retries exceeded", "ConnectionError", "timed out"),
        "The package index can't be reached.",
        "A bundle is made where there is a network. Behind a proxy: export HTTPS_PROXY=http://proxy:3128",
    ),
)


def pip_command() -> list[str]:
    """Return the words that run pip: this Python's, or the one on PATH.

    Raises:
        LabError: there is no pip.

    """
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if found := shutil.which("pip3") or shutil.which("pip"):
        return [found]
    raise LabError("There is no pip.", remedy=f"Install it: {sys.executable} -m ensurepip")


def download(
    pins: Sequence[Pin], targets: Iterable[Target], folder: Path, progress: Progress, *, pip: Sequence[str]
) -> dict[str, dict[str, list[str]]]:
    """Download the wheels of `pins` for all `targets` into `folder`; return what is missing.

    Raises:
        LabError: the package index can't be reached, has other files than the lock, or the disk is full.

    """
    missing: dict[str, dict[str, list[str]]] = {}
    for target in targets:
        for python in PYTHONS:
            version = ".".join(map(str, python))
            seen = target.environment(python)
            needed = [pin for pin in pins if not (marker := pin.requirement.marker) or marker.evaluate(seen)]
            wanted = _without_wheel(needed, target.tags(python), folder)
            with step(progress, f"Wheels for {target.name}, Python {version}"):
                lacks = _download(wanted, target, version, folder, pip)
            missing.setdefault(target.name, {})[version] = lacks
            if lacks:
                progress.note(f"No wheel for {target.name}, Python {version}: {', '.join(lacks)}")
    return missing


def _without_wheel(needed: Sequence[Pin], fit: frozenset[Tag], folder: Path) -> list[Pin]:
    """Return the pins for which no downloaded wheel can be installed: most wheels are for more than one target."""
    parsed = (parse_wheel_filename(path.name) for path in folder.glob("*.whl"))
    there = {name for name, _, _, tags in parsed if tags & fit}
    return [pin for pin in needed if pin.name not in there]


def _download(wanted: Sequence[Pin], target: Target, version: str, folder: Path, pip: Sequence[str]) -> list[str]:
    """Download for one target and Python.

    pip stops at the first package without a wheel: it is left out, and pip runs again.
    """
    lacks: list[str] = []
    listed = folder / "wanted.txt"
    argv = [*pip, "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    argv += ["--retries", "2", "--implementation", "cp", "--python-version", version]
    argv += [word for platform in target.platforms for word in ("--platform", platform)]
    argv += ["--dest", str(folder), "--requirement", str(listed)]
    while rest := [pin for pin in wanted if f"{pin.name} {pin.version}" not in lacks]:
        listed.write_text("".join(_line(pin, pin.hashes, marker="") for pin in rest), encoding="utf-8")
        done = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode == 0:
            listed.unlink()
            return lacks
        said = done.stderr + done.stdout
        _raise_if_known(said)
        found = _NONE_FITS.search(said)
        name = canonicalize_name(found[1]) if found else ""
        without = next((pin for pin in rest if pin.name == name), None)
        if without is None:
            raise LabError("pip could not download the wheels.", "\n".join(said.strip().splitlines()[-8:]))
        lacks.append(f"{without.name} {without.version}")
    return lacks


def _raise_if_known(said: str) -> None:
    for marks, title, remedy in _FAILURES:
        if any(mark in said for mark in marks):
            raise LabError(title, "\n".join(said.strip().splitlines()[-4:]), remedy)


def requirements(pins: Iterable[Pin], wheels: Mapping[str, str]) -> str:
    """Return a requirements file for `pins` with only the hashes of `wheels` (file name -> sha256)."""
    hashes: dict[str, set[str]] = {}
    for file, digest in wheels.items():
        hashes.setdefault(parse_wheel_filename(file)[0], set()).add(digest)
    return "".join(
        _line(
            pin,
            pin.hashes & hashes[pin.name],
            marker=f" ; {pin.requirement.marker}" if pin.requirement.marker else "",
        )
        for pin in pins
        if pin.name in hashes
    )


def _line(pin: Pin, hashes: Iterable[str], *, marker: str) -> str:
    return (
        " \\\n    ".join(
            [f"{pin.name}=={pin.version}{marker}", *(f"--hash=sha256:{each}" for each in sorted(hashes))]
        )
        + "\n"
    )
