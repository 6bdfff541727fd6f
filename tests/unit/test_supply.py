"""What the wheel depends on, and that the same source makes the same wheel."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from tests.supply import ALLOWED, SBOM, affected, bill, licences, shipped
from tests.wheels import ROOT, pins


def test_every_pin_has_a_listed_licence_that_is_allowed() -> None:
    listed = licences()
    assert set(listed) == {pin.requirement.name for pin in pins()}
    assert {name: licence for name, licence in listed.items() if licence not in ALLOWED} == {}


def test_the_listed_licences_are_what_the_packages_say() -> None:
    said = {}
    for name in licences():
        try:
            said[name] = metadata(name).json.get("license_expression")
        except PackageNotFoundError:
            continue  # for another system, or of an extra
    wrong = {name: words for name, words in said.items() if words and words != licences()[name]}
    assert wrong == {}
    assert len(said) > 30


def test_every_pin_has_hashes() -> None:
    assert [pin for pin in pins() if not pin.hashes] == []


def test_the_bill_of_materials_is_that_of_the_lock_file() -> None:
    """`make lock` writes it."""
    assert json.loads(SBOM.read_text(encoding="utf-8")) == bill()
    names = {pin.requirement.name for pin in shipped()}
    assert {"textual", "pydantic-core", "starlette", "bashkit", "urllib3"} <= names
    assert not names & {"pytest", "mypy", "ruff", "hypothesis"}


def test_no_pin_is_concerned_by_a_noted_advisory() -> None:
    assert affected() == []


def test_an_advisory_that_concerns_a_pin_is_told(tmp_path: Path) -> None:
    version = next(str(pin.requirement.specifier)[2:] for pin in pins() if pin.requirement.name == "textual")
    advisories = [{"id": "X-1", "package": "Textual", "affected": f"<={version}", "summary": "made up"}]
    noted = tmp_path / "advisories.json"
    noted.write_text(json.dumps({"advisories": advisories}))
    assert affected(noted) == [f"Textual {version}: X-1, made up"]


def built(folder: Path, *, umask: int, late: bool) -> Path:
    source = folder / "source"
    source.mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("lab", "scenarios", "hints", "supply"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    if late:
        for path in source.rglob("*"):
            os.utime(path, (2_000_000_000, 2_000_000_000))
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(argv, cwd=source, capture_output=True, text=True, check=False, umask=umask, timeout=110)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_the_same_source_makes_the_same_wheel_with_the_bill_in_it(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    first = built(tmp_path / "first", umask=0o022, late=False)
    second = built(tmp_path / "second", umask=0o077, late=True)
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    with zipfile.ZipFile(first) as wheel:
        inside = [name for name in wheel.namelist() if name.endswith(".dist-info/sboms/sbom.cdx.json")]
        assert len(inside) == 1
        assert json.loads(wheel.read(inside[0])) == bill()
