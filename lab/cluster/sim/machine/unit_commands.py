"""The command line of a service: its words, with the variables that the unit gives it."""

import re
import shlex

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.unit_files import Unit

__all__ = ["command_line", "environment"]


def environment(files: Files, unit: Unit) -> dict[str, str]:
    """Return the variables of `Environment=` and, over them, of the files of `EnvironmentFile=`."""
    found: dict[str, str] = {}
    for value in unit.every("Service", "Environment"):
        found |= _assigned(value)
    for path in unit.every("Service", "EnvironmentFile"):
        for line in files.get(path.lstrip("-")).splitlines():
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith(("#", ";")):
                found[name] = (
                    value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
                )
    return found


def command_line(files: Files, unit: Unit) -> list[str]:
    """Return the words of the last `ExecStart=`: `$NAME` alone becomes several words, `${NAME}` one."""
    commands = unit.every("Service", "ExecStart")
    variables, words = environment(files, unit), list[str]()
    for word in _split(commands[-1].lstrip("-@+!:") if commands else ""):
        if alone := re.fullmatch(r"\$(\w+)", word):
            words += variables.get(alone.group(1), "").split()
        else:
            words.append(re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found.group(1), ""), word))
    return words


def _assigned(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in _split(text))
    return {name: value for name, equals, value in pairs if equals}


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
