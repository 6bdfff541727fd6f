"""Signposts for newcomers: paths in docs exist, packages say where to begin, a program's module has its name."""

import ast
import re
from pathlib import Path

import pytest

from lab.cluster.sim.bash.running.deferred import Deferred
from lab.cluster.sim.bash.tools.catalog import TOOLS
from lab.cluster.sim.commands import registry

ROOT = Path(__file__).resolve().parents[2]
SIMULATOR = ROOT / "lab/cluster/sim"
PACKAGES = sorted(path.parent for path in (ROOT / "lab").rglob("__init__.py"))
#: Further names of a program -> the name that its module has.
TWINS = {"more": "less", "pkill": "pgrep", "iptables-save": "iptables"}
TWINS |= dict.fromkeys(("vim.tiny", "view", "rview"), "vi") | dict.fromkeys(("rnano", "pico", "editor"), "nano")


def paths(page: str) -> list[str]:
    """Return the paths in code in the rows of a page's table "to change ..., go to ..."."""
    table = (ROOT / page).read_text(encoding="utf-8").partition("## To change")[2].partition("\n## ")[0]
    rows = re.findall(r"^\|.*\|(.*)\|$", table, re.MULTILINE)
    return [
        word for row in rows for word in re.findall(r"`([\w./]+)`", row) if "/" in word or word.endswith(".py")
    ]


@pytest.mark.parametrize(("page", "base"), [("CONTRIBUTING.md", ROOT), ("docs/simulator.md", SIMULATOR)])
def test_where_to_go_for_a_change_exists(page: str, base: Path) -> None:
    found = paths(page)
    assert len(found) > 10
    lacking = []
    folder = base
    for path in found:
        # `words.py` behind `bash/language/` is a module in that folder.
        if not (base / path).exists() and not (folder / path).exists():
            lacking.append(path)
        if path.endswith("/"):
            folder = base / path
    assert lacking == []


def test_every_package_of_the_lab_has_a_row() -> None:
    listed = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    packages = {f"lab/{path.name}/" for path in PACKAGES if path.parent == ROOT / "lab"}
    assert {package for package in packages if package not in listed} == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_says_what_it_holds_what_it_imports_and_where_to_begin(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert "import" in docstring
    begin = re.findall(r"Begin with `([\w.]+)`", docstring)
    assert begin
    # A module or a package in it, or one that is named in full.
    name = begin[0].removeprefix("lab.") if begin[0].startswith("lab.") else ""
    base = ROOT / "lab" if name else package
    inside = base / (name or begin[0]).replace(".", "/")
    assert inside.with_suffix(".py").exists() or inside.is_dir()


def test_a_program_is_in_the_module_of_its_name() -> None:
    node = f"{registry.__name__.rpartition('.')[0]}.node."
    elsewhere = {}
    for name, program in registry.NODE_COMMANDS.items():
        module = getattr(program, "module", "")
        called = TWINS.get(name, name).replace("-", "_")
        if module.startswith(node) and module != f"{node}{called}":
            elsewhere[name] = module
    assert elsewhere == {}


def test_a_text_program_that_is_alone_in_its_module_has_its_name() -> None:
    programs: dict[str, set[str]] = {}
    for program, deferred in TOOLS.items():
        if isinstance(deferred, Deferred):
            programs.setdefault(deferred.module.rpartition(".")[2], set()).add(program)
    alone = {module: names for module, names in programs.items() if len(names) == 1}
    assert len(alone) > 10
    assert {module: names for module, names in alone.items() if names != {module}} == {}
