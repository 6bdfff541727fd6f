"""Commands that are loaded at their first call can be loaded."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import lab.cluster.sim.commands as package
from lab.cluster.sim.bash.builtins.catalog import BUILTINS
from lab.cluster.sim.bash.running.deferred import Deferred
from lab.cluster.sim.bash.tools.catalog import TOOLS
from lab.cluster.sim.commands.registry import load_first

#: Every module with a table of commands, and how it names a command.
TABLES = ("registry", "crictl.main", "etcdctl.main", "kubectl.subcommands")
_NAMED = re.compile(
    r'(?:Deferred|_of)\(\s*f?"(?:\{_HERE\}\.|lab\.cluster\.sim\.commands\.)?([\w.]+)", "(\w+)"\s*\)'
)


def deferred(table: str) -> list[Deferred]:
    text = Path(str(import_module(f"{package.__name__}.{table}").__file__)).read_text(encoding="utf-8")
    return [
        Deferred(f"{package.__name__}.{'kubectl.' * table.startswith('kubectl')}{module}", name)
        for module, name in _NAMED.findall(text)
    ]


@pytest.mark.parametrize("table", TABLES)
def test_every_command_of_a_table_is_there(table: str) -> None:
    named = deferred(table)
    assert named
    assert [each for each in named if not inspect.iscoroutinefunction(each.load())] == []


def test_what_a_new_lab_is_asked_for_can_be_loaded_ahead() -> None:
    load_first()


def test_every_text_program_is_there() -> None:
    named = [each for each in TOOLS.values() if isinstance(each, Deferred)]
    assert named
    assert [each for each in named if not inspect.iscoroutinefunction(each.load())] == []


def test_every_builtin_is_there() -> None:
    assert [name for name, each in BUILTINS.items() if not inspect.iscoroutinefunction(each.load())] == []
