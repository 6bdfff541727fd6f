"""Shells inside the shell that read: `bash` and `sh`, with a script, a file, their input or a terminal.

The library has its own, which read to the end before they begin; they do for whatever reads nothing.
"""

import shlex

from lab.cluster.sim.shell.call import Call, Exit, NotSimulated
from lab.cluster.sim.shell.input_needs import opened
from lab.cluster.sim.shell.pipes import poured

__all__ = ["bash"]

#: How many shells may be within each other.
_DEEPEST = 32
_LETTERS = set("euxvnfCBhm")


async def bash(call: Call) -> int:
    """Run a shell of its own: what it sets is gone when it ends."""
    if call.argv == ["--version"]:
        await call.line("GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)")
        return 0
    settings: list[str] = []
    argv = list(call.argv)
    try:
        command = _options(argv, settings)
    except Exit as end:
        return await call.fail(end.message, end.code)
    if command or argv:
        return await _given(call, argv, settings, command=command)
    if call.terminal is not None:
        return await call.terminal.interact(call.session.nested(env=call.env, cwd=call.cwd))
    return await _run(call, (await call.stdin()).decode(errors="replace"), settings, [])


async def _given(call: Call, argv: list[str], settings: list[str], *, command: bool) -> int:
    """Run the script that stands in the words, or in the file that they name."""
    if not argv:
        return await call.fail("bash: -c: option requires an argument", 2)
    if command:
        return await _run(call, argv[0], settings, argv[2:])
    try:
        script = call.files.read(call.path(argv[0]))
    except FileNotFoundError:
        return await call.fail(f"bash: {argv[0]}: No such file or directory", 127)
    if call.terminal is not None:
        return await _run(call, script, settings, argv[1:])
    if call.session.depth > _DEEPEST:
        return await call.fail("bash: maximum nesting depth exceeded")
    options = call.argv[: len(call.argv) - len(argv)]
    inner = call.session.nested(env=call.env, cwd=call.cwd)
    try:
        with call.session.waiter.waiting():
            return await inner.run(
                shlex.join(["bash", *options, "-c", opened(poured(script)), *argv]), call.out, call.err, plain=True
            )
    finally:
        inner.close()


def _options(argv: list[str], settings: list[str]) -> bool:
    """Take the options off `argv`; return whether a script follows."""
    command = False
    while argv and argv[0][:1] in {"-", "+"} and len(argv[0]) > 1:
        word = argv.pop(0)
        if word == "--":
            break
        if word not in {"--login", "--norc", "--noprofile"}:
            command = _letters(word, argv, settings) or command
    return command


def _letters(word: str, argv: list[str], settings: list[str]) -> bool:
    """Take a word of one-letter options; return whether a script follows."""
    for letter in word[1:]:
        if letter == "o" and argv:
            settings.append(f"set {word[0]}o {argv.pop(0)}")
        elif letter in _LETTERS:
            settings.append(f"set {word[0]}{letter}")
        elif letter not in {"c", "l", "i", "s"}:
            raise NotSimulated(f"bash {word}")
    return word[0] == "-" and "c" in word


async def _run(call: Call, script: str, settings: list[str], arguments: list[str]) -> int:
    lead = [*settings, *([f"set -- {shlex.join(arguments)}"] if arguments else [])]
    inner = call.session.nested(env=call.env, cwd=call.cwd)
    whole = "; ".join([*lead, script])
    try:
        with call.session.waiter.waiting():
            return await inner.run(whole, call.out, call.err, source=call.source, subshell=True)
    finally:
        inner.close()
