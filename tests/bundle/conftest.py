"""A small bundle: of a made-up checkout, with made-up wheels, packed by the real pip without an index."""

import base64
import hashlib
import os
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab import __version__
from lab.bundle.make import Made, Order, make
from lab.bundle.pack import pack
from lab.bundle.wheel import Checkout
from lab.progress import Silent

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PROGRAM = f"__version__ = '{__version__}'\ndef run():\n    import tiny\n    print('kluster ' + __version__)\n"
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "kluster005"
dynamic = ["version"]
requires-python = ">=3.11"
dependencies = ["tiny>=1"]
[project.optional-dependencies]
serve = ["picky==2.0"]
[project.scripts]
kluster = "lab:run"
[tool.hatch.version]
path = "lab/__init__.py"
[tool.hatch.build.targets.wheel]
packages = ["lab"]
"""


def wheel(folder: Path, name: str, version: str, tag: str) -> str:
    """Write a wheel with one empty module; return its sha256."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": b"",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = ""
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, data in files.items():
            archive.writestr(zipfile.ZipInfo(file), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            record += f"{file},sha256={digest},{len(data)}\n"
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), f"{record}{info}/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a made-up checkout; pip finds its wheels in the folder `index` beside it, and asks no index."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "lab").mkdir()
    (root / "index").mkdir()
    (root / "lab" / "__init__.py").write_text(PROGRAM)
    (root / "pyproject.toml").write_text(PYPROJECT)
    tiny = wheel(root / "index", "tiny", "1.0", "py3-none-any")
    # Not for musl, and not for every system.
    tags = ("manylinux2014_x86_64", "manylinux2014_aarch64", "macosx_11_0_arm64")
    picky = [wheel(root / "index", "picky", "2.0", f"py3-none-{tag}") for tag in tags]
    dev = wheel(root / "index", "dev_only", "1.0", "py3-none-any")
    by_hand = "kluster005 (pyproject.toml)"
    entries = [
        ("dev-only==1.0", [dev], by_hand),
        ("picky==2.0", picky, "tiny"),
        ("tiny==1.0 ; sys_platform != 'win32'", [tiny], by_hand),
    ]
    text = "# by hand\n"
    for name, hashes, by in entries:
        lines = [name, *(f"    --hash=sha256:{each}" for each in hashes)]
        text += " \\\n".join(lines) + f"\n    # via {by}\n"
    (root / "requirements.lock").write_text(text)
    return Checkout.at(root)


@contextmanager
def offline(checkout: Checkout) -> Iterator[None]:
    """Let pip use the made-up wheels only."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patch.delenv(name)
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(checkout.root / "index"))
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        yield


@pytest.fixture(scope="session")
def bundle(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a bundle for three targets; no test changes it."""
    folder = tmp_path_factory.mktemp("bundle")
    with offline(checkout):
        order = Order(folder / "k.tar", targets=("linux-amd64", "musl-arm64", "linux-arm64"))
        return make(order, checkout, folder / "bundle.key", NOW, Silent())


def files_of(path: Path) -> dict[str, bytes]:
    """Return the files of a bundle."""
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


def rewritten(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a bundle with other files."""
    pack(path, files, NOW, Silent())
    return path
