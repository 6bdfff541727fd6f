"""The making of a bundle: it is written whole, or not at all."""

import errno
import json
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lab import __version__
from lab.bundle.check import (
    ABOUT,
    KEY,
    MANIFEST,
    PROGRAM,
    REQUIREMENTS,
    SCHEMA,
    SIGNATURE,
    SUMS,
    Problem,
    examined,
)
from lab.bundle.fetch import download, pip_command, requirements
from lab.bundle.images import Image, save_node_image
from lab.bundle.pack import pack, program, sums
from lab.bundle.targets import TARGETS
from lab.bundle.wheel import Checkout, build
from lab.errors import LabError, UsageProblem
from lab.progress import Progress, step
from lab.signals import ended_by
from lab.signing import key_at, public_pem
from lab.sums import sha256_of

__all__ = ["Made", "Order", "make"]


@dataclass(frozen=True, slots=True)
class Order:
    """What to make: the file, the targets by name, whether with the node image, and the days until it expires."""

    out: Path
    targets: tuple[str, ...] = tuple(TARGETS)
    with_node_image: bool = False
    days: int = 180


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle that was written."""

    path: Path
    size: int
    sha256: str
    fingerprint: str
    manifest: dict[str, Any]
    wheels: int

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        named = {"bundle": str(self.path), "size": self.size, "wheels": self.wheels}
        keys = {"sha256": self.sha256, "key": self.fingerprint}
        return {**named, **keys, **{name: value for name, value in self.manifest.items() if name != "schema"}}


def make(
    order: Order, checkout: Checkout, key: Path, now: datetime, progress: Progress, *, pip: Sequence[str] = ()
) -> Made:
    """Make a bundle of `checkout`, signed with the key in the file `key`, which is created if there is none.

    Raises:
        UsageProblem: the name is not that of a tar archive, there is a file already, or no folder for it.
        LabError: something can't be downloaded, built or written. Nothing is left behind.

    """
    out = order.out.absolute()
    _require_tar(order.out)
    if os.path.lexists(out):
        raise UsageProblem(f"{out} exists already.", remedy="Choose another name, or remove it.")
    if not out.parent.is_dir():
        raise UsageProblem(f"There is no folder {out.parent}.", remedy=f"mkdir -p {out.parent}")
    with _told(out), _staging(out) as folder:
        written = folder / "bundle.tar"
        wheels, images, missing = _collected(order, checkout, folder, progress, pip or pip_command())
        told = _manifest(order, checkout, now, missing, images)
        files = _files(checkout, told, wheels)
        signer = key_at(key)
        with step(progress, "Writing the bundle"):
            files |= {image.file: folder / image.file for image in images}
            text = sums(files)
            signed = {SUMS: text, SIGNATURE: signer.sign(text), KEY: public_pem(signer)}
            ordered = {PROGRAM: files[PROGRAM], ABOUT: files[ABOUT], **signed}
            pack(written, ordered | files, now, progress)
            _flush(written)
        with step(progress, "Reading it again"):
            found = _read_again(written)
        if os.path.lexists(out):
            raise UsageProblem(f"{out} exists already.", remedy="Choose another name, or remove it.")
        size = written.stat().st_size
        written.rename(out)
    return Made(out, size, found[0], found[1], told, len(wheels))


def _require_tar(out: Path) -> None:
    """Refuse a name by which a receiver would take the bundle for another kind of archive."""
    if out.suffix.lower() != ".tar":
        stem = out.with_suffix("") if out.suffix.lower() in _OTHER_ARCHIVES else out
        name = stem if stem.suffix == ".tar" else stem.with_name(f"{stem.name}.tar")
        raise UsageProblem(
            f"A bundle is a tar archive: it can't be called {out.name}.",
            remedy=f"Run: {shlex.join(['kluster', 'bundle', str(name)])}",
        )


def _collected(
    order: Order, checkout: Checkout, folder: Path, progress: Progress, pip: Sequence[str]
) -> tuple[dict[str, Path], list[Image], dict[str, dict[str, list[str]]]]:
    """Return the wheels by file name, the images, and what is missing."""
    images: list[Image] = []
    if order.with_node_image:
        (folder / "images").mkdir()
        images.append(save_node_image(folder / "images", progress))
    with step(progress, "Building the project's wheel"):
        (folder / "own").mkdir()
        own = build(checkout, folder / "own")
    (folder / "wheels").mkdir()
    targets = [TARGETS[name] for name in order.targets]
    missing = download(checkout.pins, targets, folder / "wheels", progress, pip=pip)
    found = {path.name: path for path in [own, *sorted((folder / "wheels").glob("*.whl"))]}
    return found, images, missing


def _manifest(
    order: Order,
    checkout: Checkout,
    now: datetime,
    missing: dict[str, dict[str, list[str]]],
    images: list[Image],
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kluster": __version__,
        "made": now.isoformat(timespec="seconds"),
        "expires": (now + timedelta(days=order.days)).isoformat(timespec="seconds"),
        "lock": checkout.digest,
        #: target -> Python -> pinned versions without a wheel there.
        "targets": missing,
        "images": [image.as_data() for image in images],
    }


def _files(checkout: Checkout, told: dict[str, Any], wheels: dict[str, Path]) -> dict[str, Path | bytes]:
    """Return all files of the bundle that its sums list; add the name of the project's wheel to `told`."""
    sha256 = {name: sha256_of(path) for name, path in wheels.items()}
    own = next(iter(wheels))
    told["wheel"] = own
    itself = f"kluster005[serve]=={told['kluster']} \\\n    --hash=sha256:{sha256.pop(own)}\n"
    return {
        PROGRAM: program(),
        ABOUT: _ABOUT.format(**told).encode(),
        MANIFEST: (json.dumps(told, indent=1) + "\n").encode(),
        REQUIREMENTS: (itself + requirements(checkout.pins, sha256)).encode(),
        **{f"wheels/{name}": path for name, path in wheels.items()},
    }


def _read_again(path: Path) -> tuple[str, str]:
    """Return the sum and the key's fingerprint of the written bundle, as a receiver finds them."""
    try:
        found = examined(path)
    except Problem as problem:
        raise LabError("The bundle was not written as it should be.", problem.title) from problem
    return found.sha256, found.fingerprint


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """Create a folder beside `out`, and remove it, whatever happens; another Ctrl-C does not stop that."""
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield folder
    finally:
        with ended_by(signal.SIG_IGN):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """Turn errors of the disk into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise LabError(
                f"The disk is full: {out} was not written.",
                remedy="Meanwhile it needs twice its size in its folder: 300 MB, and 2 GB with the node image.",
            ) from error
        where = f": {error.filename}" if error.filename and out.parent not in Path(error.filename).parents else ""
        raise LabError(
            f"{out} can't be written.",
            f"{error.strerror or error}{where}",
            "Choose a file in a folder in which you can create files.",
        ) from error


_OTHER_ARCHIVES = {".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"}


_ABOUT = """\
Kluster {kluster}, packed on {made}, to be used until {expires}.

1. Compare the sum of the whole file with the one that its sender reads out, before you run anything from it:
   sha256sum kluster.tar    (macOS: shasum -a 256 kluster.tar; Windows: certutil -hashfile kluster.tar SHA256)
2. Take the program out, and let it check and install:
   tar -xf kluster.tar install.py
   python3 install.py kluster.tar --sha256 "the sum"
   python3 install.py --help tells what each check is worth.
"""
