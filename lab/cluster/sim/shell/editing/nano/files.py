"""nano's files: write out, read in, leave."""

from lab.cluster.sim.shell.editing.nano.changes import between, paste
from lab.cluster.sim.shell.editing.nano.keys import Typing
from lab.cluster.sim.shell.editing.nano.prompts import ask, ask_line
from lab.cluster.sim.shell.editing.nano.state import Nano, Prompt
from lab.cluster.sim.shell.editing.shell import Shell

__all__ = ["execute", "insert_file", "leave", "open_file", "save", "write_out"]


def open_file(nano: Nano) -> None:
    """Read the file to edit."""
    name = nano.name
    if not name:
        return
    if nano.host.is_folder(name):
        nano.name = ""
        nano.say(f'"{name}" is a directory', alert=True)
        return
    text = nano.host.read(name)
    if text is None:
        nano.say("New File")
        return
    nano.open(text)
    count = text.count("\n") + (bool(text) and not text.endswith("\n"))
    unwritable = " (WARNING: No write permission)" if not nano.host.may_write(name) else ""
    nano.say(f"Read {count} line{'' if count == 1 else 's'}{unwritable}")


def _write(nano: Nano, name: str) -> bool:
    try:
        nano.host.write(name, str(nano.text))
    except OSError:
        nano.say(f"Error writing {name}: No such file or directory", alert=True)
        return False
    count = nano.text.count
    nano.name = name
    nano.text.saved()
    nano.say(f"Wrote {count} line{'' if count == 1 else 's'}")
    return True


def _write_selection(nano: Nano, name: str, text: str) -> bool:
    try:
        nano.host.write(name, text)
    except OSError:
        nano.say(f"Error writing {name}: No such file or directory", alert=True)
        return False
    count = text.count("\n") + (not text.endswith("\n"))
    nano.say(f"Wrote {count} line{'' if count == 1 else 's'}")
    return True


def save(nano: Nano) -> Typing[None]:
    """Write the file without asking, if it has a name."""
    if nano.name:
        _write(nano, nano.name)
    else:
        yield from write_out(nano)


def write_out(nano: Nano) -> Typing[bool]:
    """Ask for a name and write the file; return whether it was written."""
    selection = nano.selection()
    question = "File Name to Write" if selection is None else "Write Selection to File"
    answer = nano.name if selection is None else ""
    while True:
        key, answer = yield from ask_line(nano, Prompt("write", question, answer))
        if key != "Enter" or not answer:
            nano.say("Cancelled")
            return False
        if answer != nano.name or selection is not None:
            exists = nano.host.read(answer) is not None
            doubt = f'File "{answer}" exists; OVERWRITE?' if exists else "Save file under DIFFERENT NAME?"
            asked = exists or (nano.name and selection is None)
            if asked and (yield from ask(nano, doubt)) != "y":
                continue
        if selection is not None:
            return _write_selection(nano, answer, between(nano, *selection))
        return _write(nano, answer)


def leave(nano: Nano) -> Typing[None]:
    """End; if there are changes, ask whether to save them."""
    if nano.text.modified:
        answer = yield from ask(nano, "Save modified buffer?")
        if answer == "^C":
            nano.say("Cancelled")
            return
        if answer == "y" and not (yield from write_out(nano)):
            return
    nano.exit_code = 0


def insert_file(nano: Nano) -> Typing[None]:
    """Insert a file at the cursor."""
    prompt = Prompt("insert", "File to insert [from ./]")
    key, answer = yield from ask_line(nano, prompt, others=["^X"])
    if key == "^X":
        yield from execute(nano)
        return
    if key != "Enter" or not answer:
        nano.say("Cancelled")
        return
    if nano.host.is_folder(answer):
        nano.say(f'"{answer}" is a directory', alert=True)
        return
    text = nano.host.read(answer)
    if text is None:
        nano.say(f'File "{answer}" not found', alert=True)
        return
    if text:
        paste(nano, text)
    count = text.count("\n") + (bool(text) and not text.endswith("\n"))
    nano.say(f"Read {count} line{'' if count == 1 else 's'}")


def execute(nano: Nano) -> Typing[None]:
    """Run a command, and insert its output."""
    key, answer = yield from ask_line(nano, Prompt("execute", "Command to execute"))
    if key != "Enter" or not answer:
        nano.say("Cancelled")
        return
    result = yield Shell(answer.removeprefix("|"), None)
    if result.output:
        paste(nano, result.output)
    if result.code:
        nano.say(f"Exit code {result.code}")
