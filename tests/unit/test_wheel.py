"""The installed wheel: it contains scenarios and hints, and the command works from anywhere."""

import os
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*argv: str | Path, cwd: Path, **env: str) -> str:
    done = subprocess.run(
        [str(word) for word in argv],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}, **env},
    )
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the programs of a clean venv with the wheel in it.

    The wheel's dependencies come from this test's own environment: no package index is needed.
    """
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source)
    for name in ("lab", "scenarios", "hints", "supply"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    # If the build backend is installed, it is not downloaded.
    isolation = ["--no-isolation"] if find_spec("hatchling") else []
    run(sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", folder, source, cwd=folder)
    wheel = next(folder.glob("*.whl"))
    made = folder / "venv"
    venv.create(made, with_pip=False)
    python = made / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    for site in {path for path in sys.path if path.endswith("site-packages")}:
        for entry in Path(site).iterdir():
            # The checkout's editable install stays outside: the wheel must be complete.
            if "kluster005" not in entry.name and entry.suffix != ".pth" and not (Path(own) / entry.name).exists():
                (Path(own) / entry.name).symlink_to(entry)
    return made / "bin"


def test_it_knows_its_scenarios_from_another_folder(installed: Path, tmp_path: Path) -> None:
    home = {"KLUSTER_HOME": str(tmp_path / "home")}
    where = run(installed / "python", "-c", "import lab; print(lab.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(installed.parent)
    assert "kluster005: Kluster 005" in run(installed / "kluster", "list", cwd=tmp_path, **home)
    assert "is valid" in run(installed / "kluster", "validate", "kluster005", cwd=tmp_path, **home)


def test_a_scenario_outside_of_the_package_works_by_path(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scenarios" / "kluster005", tmp_path / "mine")
    assert "is valid" in run(installed / "kluster", "validate", "./mine", cwd=tmp_path)


def test_the_simulator_s_data_is_in_it(installed: Path) -> None:
    package = next(installed.parent.glob("lib/*/site-packages/lab"))
    missing = [
        path.relative_to(ROOT / "lab")
        for path in (ROOT / "lab").rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not (package / path.relative_to(ROOT / "lab")).exists()
    ]
    assert missing == []
