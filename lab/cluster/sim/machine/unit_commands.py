"""The command lines of a service: their words, what a shell runs for them, and why they can't be run."""

import posixpath
import re
import shlex
from dataclasses import dataclass

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.unit_files import Unit

__all__ = ["Refused", "command_line", "missing_environment", "refused", "script"]

_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that systemd can't run: the exit code with its name, and the messages."""

    code: int
    step: str
    said: tuple[str, ...] = ()


def _environment(files: Files, unit: Unit) -> dict[str, str]:
    """Return the variables of `Environment=` and, over them, of the files of `EnvironmentFile=`."""
    found: dict[str, str] = {}
    for value in unit.every("Service", "Environment"):
        pairs = (word.partition("=") for word in _split(value))
        found |= {name: value for name, equals, value in pairs if equals}
    for path in unit.every("Service", "EnvironmentFile"):
        for line in files.get(path.lstrip("-")).splitlines():
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith(("#", ";")):
                found[name] = re.sub(r"""^(["'])(.*)\1$""", r"\2", value)
    return found


def missing_environment(files: Files, unit: Unit) -> list[str]:
    """Return the messages about a file of `EnvironmentFile=` that is missing but has to be there, or nothing."""
    paths = unit.every("Service", "EnvironmentFile")
    if unit.native or all(path.startswith("-") or files.is_file(path) for path in paths):
        return []
    absent, task = "No such file or directory", "start-pre" if unit.first() else "start"
    return [
        f"{unit.name}: Failed to load environment files: {absent}",
        f"{unit.name}: Failed to run '{task}' task: {absent}",
        f"{unit.name}: Failed with result 'resources'.",
    ]


def command_line(files: Files, unit: Unit, command: str = "", host: str = "") -> list[str]:
    """Return the words of `command`, or of the last `ExecStart=`: `$NAME` becomes several words, `${NAME}` one."""
    commands = [command] if command else unit.every("Service", "ExecStart")[-1:]
    variables, words = _environment(files, unit), list[str]()
    given = {"n": unit.name, "N": unit.name.rpartition(".")[0], "H": host, "i": "", "%": "%"}
    text = commands[0] if commands else ""
    for word in _split(text.lstrip("-@+!:")):
        said = re.sub(r"%([nNHi%])", lambda found: given[found.group(1)], word)
        if alone := re.fullmatch(r"\$(\w+)", said):
            words += variables.get(alone.group(1), "").split()
        else:
            filled = re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found.group(1), ""), said)
            words.append(re.sub(r"(?<!\$)\$(\w+)", lambda found: variables.get(found.group(1), ""), filled))
            words[-1] = words[-1].replace("$$", "$")
    if "@" in text[: len(text) - len(text.lstrip("-@+!:"))] and len(words) > 1:
        del words[1]
    return words


def script(files: Files, unit: Unit, commands: list[str], host: str) -> str:
    """Return what a shell runs for a service's command lines, one after the other."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in _environment(files, unit).items()]
    if folder := unit.get("Service", "WorkingDirectory").lstrip("-"):
        lines.append(f"cd {shlex.quote(folder)}")
    if unit.get("Service", "StandardOutput") == "null":
        lines.append("exec >/dev/null")
    for number, command in enumerate(commands):
        words = command_line(files, unit, command, host)
        words[:1] = [_found(files, word) or word for word in words[:1]]
        ignored, last = command.startswith("-"), number == len(commands) - 1
        line = shlex.join(words)
        lines.append(f"{line} || true" if ignored else f"exec {line}" if last else f"{line} || exit")
    return "\n".join(lines)


def refused(files: Files, unit: Unit, command: str, host: str) -> Refused | None:
    """Return why systemd can't run `command`, or None."""
    words = command_line(files, unit, command, host)
    program, user = (words or [""])[0], unit.get("Service", "User")
    folder = unit.get("Service", "WorkingDirectory")
    if user and not any(line.startswith(f"{user}:") for line in files.get("/etc/passwd").splitlines()):
        return Refused(217, "USER")
    absent = "No such file or directory"
    if folder and not folder.startswith("-") and (not files.exists(folder) or files.is_file(folder)):
        told = f"Changing to the requested working directory failed: {absent}"
        return Refused(200, "CHDIR", (told, f"Failed at step CHDIR spawning {program}: {absent}"))
    if _found(files, program) and _executable(files, _found(files, program)):
        return None
    why = "Permission denied" if files.is_file(program) else "Is a directory" if files.exists(program) else absent
    said = (f"Failed to locate executable {program}: {why}", f"Failed at step EXEC spawning {program}: {why}")
    return Refused(203, "EXEC", said)


def _found(files: Files, program: str) -> str:
    """Return the file that a program's name leads to, or an empty string."""
    if program.startswith("/"):
        # On a real node /bin and /sbin are links into /usr.
        return next((path for path in (program, f"/usr{program}") if files.is_file(path)), "")
    return next((f"{folder}/{program}" for folder in _PATH if files.is_file(f"{folder}/{program}")), "")


def _executable(files: Files, path: str) -> bool:
    folder, name = posixpath.split(path)
    about = files.about(folder).get(name, {})
    return bool(int(str(about.get("mode", 0o755))) & 0o111)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
