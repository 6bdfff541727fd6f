"""Check a bundle of kluster and install it into a virtual environment, without a network.

    tar -xf kluster.tar install.py
    python3 install.py kluster.tar --sha256 "3f2a 91bc ..."

This program needs only Python. It reads the bundle as one file and never unpacks it as a whole. It installs
nothing from a bundle that is damaged, truncated, swapped or stale.

What the checks are worth: SHA256SUMS lists the sum of each file, so damage is found. Whoever exchanges the whole
bundle also exchanges the sums, the key, and this program. So the sum or the key's fingerprint must reach you on
another way: by voice, or on paper. Compare the sum before you run this program, with sha256sum or the like.
--sha256 compares it again, and needs only Python. --key needs the library cryptography, or OpenSSL 3.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lab.bundle.check import (
    ASK,
    REQUIREMENTS,
    SUMS,
    Bundle,
    Problem,
    authenticated,
    examined,
    members,
    opened,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Not `datetime.UTC`: on an older Python, this program says that it is too old.
_UTC = timezone.utc  # noqa: UP017
DONE, REFUSED, USAGE, MACHINE, INTERRUPTED = 0, 1, 2, 3, 130


def require_fresh(found: Bundle, now: datetime, version: str = "") -> None:
    """Refuse a bundle that has expired, that is of another `version`, or whose wheel is not the manifest's.

    Raises:
        Problem: it is stale.

    """
    told = found.manifest
    if version and version != told["kluster"]:
        raise Problem(
            "stale", f"The bundle has kluster {told['kluster']}, not {version}.", "Ask for a new bundle."
        )
    if f"wheels/{told['wheel']}" not in found.sums or f"-{told['kluster']}-" not in told["wheel"]:
        raise Problem(
            "stale", f"The bundle has not the wheel of kluster {told['kluster']}.", "Ask for a new bundle."
        )
    if now >= datetime.fromisoformat(told["expires"]):
        title = f"The bundle is stale: it was made on {told['made'][:10]} and expired on {told['expires'][:10]}."
        remedy = "Ask for a new one, or install it anyway: --accept-expired. Is this machine's clock right?"
        raise Problem("stale", title, remedy)


# --- this machine ---


def this_target() -> str:
    """Return this machine as a bundle names it, such as `musl-arm64`."""
    machine = platform.machine().lower()
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)
    if sys.platform == "linux":
        return f"{'linux' if _has_glibc() else 'musl'}-{machine}"
    return f"{ {'darwin': 'macos', 'win32': 'windows'}.get(sys.platform, sys.platform) }-{machine}"


def _has_glibc() -> bool:
    if sys.platform == "win32":
        return False
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (OSError, ValueError):  # musl knows no such name
        return "musl" not in (sysconfig.get_config_var("HOST_GNU_TYPE") or "musl")


def require_fit(found: Bundle, target: str, python: str) -> None:
    """Refuse a machine that the bundle has no wheels for.

    Raises:
        Problem: there are none, or some are missing.

    """
    targets = found.manifest["targets"]
    if target not in targets:
        raise Problem("machine", f"The bundle is for {', '.join(targets)}. This machine is {target}.")
    if python not in targets[target]:
        known = ", ".join(targets[target])
        raise Problem(
            "machine", f"The bundle is for Python {known}. This is Python {python}.", "Use one of those."
        )
    if missing := targets[target][python]:
        title = f"The bundle can't be installed on {target} with Python {python}. It lacks: {', '.join(missing)}."
        raise Problem("machine", title)


def install(found: Bundle, into: Path) -> Path:
    """Create the virtual environment `into` with kluster in it, or leave nothing; return the command `kluster`.

    Raises:
        Problem: it exists already, the disk is full, or this Python can't make one.

    """
    if os.path.lexists(into):
        raise Problem("usage", f"{into} exists already.", "Choose another folder with --into, or remove it.")
    scripts = into / ("Scripts" if os.name == "nt" else "bin")
    missing = [parent for parent in into.parents if not os.path.lexists(parent)]
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".kluster-", dir=into.parent) as folder:
            _unpack(found, Path(folder))
            _say(f"Creating the virtual environment {into} ...")
            _run([sys.executable, "-I", "-m", "venv", str(into)], _NO_VENV)
            _say("Installing, without a network; this takes about a minute ...")
            pip = [
                str(scripts / "python"),
                "-I",
                "-m",
                "pip",
                "--isolated",
                "install",
                "--no-index",
                "--no-cache-dir",
            ]
            chosen = ["--find-links", "wheels", "--only-binary", ":all:", "--require-hashes", "-r", REQUIREMENTS]
            _run([*pip, "--quiet", "--disable-pip-version-check", *chosen], _NO_PIP, cwd=folder)
        _require_start(found, scripts / "kluster")
    except BaseException as error:
        shutil.rmtree(into, ignore_errors=True)
        for parent in missing:
            # It may be there no more, or have the file of somebody else.
            with contextlib.suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise Problem("machine", f"{into} can't be written: {error.strerror or error}.") from None
        raise
    return scripts / "kluster"


def _require_start(found: Bundle, program: Path) -> None:
    version = _run([str(program), "--version"], _NO_START).strip()
    if version != f"kluster {found.manifest['kluster']}":
        raise Problem("stale", f"The installed program says that it is {version!r}.", ASK)


_NO_VENV = (
    "This Python can't create a virtual environment. On Debian and Ubuntu it needs the package python3-venv."
)
_NO_PIP = "pip could not install the wheels."
_NO_START = "kluster was installed, but does not start."
#: Seconds between two signs of life.
_TICK = 10.0


def _run(argv: list[str], title: str, cwd: str | None = None) -> str:
    """Run a program with no settings of pip or Python from outside; return its output.

    While it runs, its seconds are printed now and then.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    env = {**clean, "PIP_CONFIG_FILE": os.devnull}
    began, pipe = time.monotonic(), subprocess.PIPE
    with subprocess.Popen(
        argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    ) as running:
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    out, err = running.communicate(timeout=_TICK)
                    break
                _say(f"  {time.monotonic() - began:.0f} s ...")
        except BaseException:
            running.kill()
            raise
    if running.returncode:
        said = (err + out).strip()
        full = "No space left" in said or "Errno 28" in said
        raise Problem("machine", "The disk is full." if full else title, "\n".join(said.splitlines()[-8:]))
    return out


def _unpack(found: Bundle, folder: Path) -> None:
    """Write wheels and requirements, and compare each sum again: the file may have changed since its check."""
    (folder / "wheels").mkdir()
    with opened(found.path) as file:
        for name, data in members(file):
            if name == REQUIREMENTS or name.startswith("wheels/"):
                with (folder / name).open("wb") as written:
                    _copy(found, name, data, written)


def _copy(found: Bundle, name: str, data: Iterator[bytes], to: IO[bytes]) -> None:
    digest = hashlib.sha256()
    for block in data:
        digest.update(block)
        to.write(block)
    if digest.hexdigest() != found.sums.get(name):
        raise Problem("damaged", f"{name} in the bundle has changed since it was checked.", ASK)


def load_images(found: Bundle) -> None:
    """Give the bundle's images to Docker.

    Raises:
        Problem: there are none, or Docker does not take them.

    """
    if not found.manifest["images"]:
        raise Problem("usage", "The bundle has no images.", "Ask for one made with --with-node-image.")
    docker = shutil.which("docker")
    if docker is None:
        raise Problem("machine", "There is no `docker` on PATH.", "Without Docker, play on the simulator.")
    with opened(found.path) as file:
        for name, data in members(file):
            if name.startswith("images/"):
                _say(f"Loading {name} into Docker ...")
                with subprocess.Popen([docker, "load"], stdin=subprocess.PIPE) as loading:
                    assert loading.stdin is not None  # noqa: S101 -- it is a pipe
                    with contextlib.suppress(BrokenPipeError), loading.stdin:
                        _copy(found, name, data, loading.stdin)
                if loading.returncode:
                    raise Problem("machine", f"Docker did not load {name}.")


# --- the command line ---


def _say(text: str) -> None:
    print(text, flush=True)


def explain(found: Bundle, trusted: str) -> None:
    """Print what was checked, and what that is worth."""
    told = found.manifest
    _say(f"Kluster {told['kluster']}, packed on {told['made'][:10]}, to be used until {told['expires'][:10]}.")
    _say(f"  checked: no file is damaged or missing ({len(found.sums)} files, {SUMS})")
    if found.verified_with:
        _say(f"  checked: the signature, with {found.verified_with}")
    else:
        _say("  not checked: the signature (that needs the library cryptography, or OpenSSL 3)")
    _say(f"  sum of the bundle:          {spoken(found.sha256)}")
    _say(f"  fingerprint of the key:     {spoken(found.fingerprint)}")
    if trusted:
        _say(f"  This is the sender's bundle: {trusted}.")
    else:
        _say("  Not checked: who made this bundle. Compare one of these two with what the sender reads out:")
        _say("  give it as --sha256 or --key.")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="install.py",
        description=(__doc__ or "").strip(),
        epilog="Exit codes: 0 done, 1 a bad bundle, 2 wrong usage, 3 a problem of this machine, 130 interrupted",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", type=Path, help="the bundle's file")
    parser.add_argument(
        "--sha256", default="", metavar="SUM", help="the sum of the bundle, as its sender reads it out"
    )
    parser.add_argument("--key", default="", metavar="FINGERPRINT", help="the fingerprint of the sender's key")
    parser.add_argument("--version", default="", metavar="V", help="refuse a bundle of another version of kluster")
    parser.add_argument(
        "--into", type=Path, default=Path("kluster"), metavar="DIR", help="the new virtual environment (./kluster)"
    )
    parser.add_argument("--check", action="store_true", help="only check the bundle; install nothing")
    parser.add_argument("--images", action="store_true", help="also give the bundle's images to Docker")
    parser.add_argument("--accept-expired", action="store_true", help="install a bundle that has expired")
    parser.add_argument(
        "--yes", "-y", action="store_true", help="install it without --sha256 or --key, and do not ask"
    )
    return parser.parse_args(argv)


def run(asked: argparse.Namespace, now: datetime) -> None:
    """Do what the command line asks.

    Raises:
        Problem: the bundle is bad, or this machine can't install it.

    """
    _say(f"Checking {asked.bundle} ...")
    found = examined(asked.bundle)
    trusted = authenticated(found, asked.sha256, asked.key)
    explain(found, trusted)
    require_fresh(found, datetime.min.replace(tzinfo=_UTC) if asked.accept_expired else now, asked.version)
    if asked.check:
        return
    require_fit(found, this_target(), f"{sys.version_info[0]}.{sys.version_info[1]}")
    if not trusted and not asked.yes:
        if not sys.stdin or not sys.stdin.isatty():
            raise Problem(
                "usage",
                "Nothing was installed: who made this bundle is not known.",
                "Give --sha256 or --key, or --yes.",
            )
        if input("Install it, without knowing who made it? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise Problem("usage", "Nothing was installed.")
    program = install(found, asked.into.absolute())
    if asked.images:
        load_images(found)
    _say(f"Installed. To play: {program} play    To serve an event: {program} event new ./friday")


def main(argv: Sequence[str] | None = None) -> int:
    """Run `install.py` and return its exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 -- a stranger's Python may be older
        _say("kluster needs Python 3.11 or newer.")
        return MACHINE
    asked = _arguments(argv)
    try:
        run(asked, datetime.now(_UTC))
    except Problem as problem:
        print(f"{problem.kind}: {problem.title}", file=sys.stderr)
        for line in problem.remedy.splitlines():
            print(f"  {line}", file=sys.stderr)
        return {"usage": USAGE, "machine": MACHINE}.get(problem.kind, REFUSED)
    except KeyboardInterrupt:
        print("Interrupted. Nothing was installed.", file=sys.stderr)
        return INTERRUPTED
    return DONE


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())
