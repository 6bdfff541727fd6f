"""kubectl: from a command line to its function."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.command_line import CommandLineError, UnknownFlagError
from lab.cluster.sim.commands.golang.pflag import parse
from lab.cluster.sim.commands.kubectl import manual
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client
from lab.cluster.sim.commands.kubectl.subcommands import COMMANDS, GLOBAL

__all__ = ["kubectl"]


async def kubectl(call: Call) -> int:
    """Run kubectl."""
    try:
        return await _run(call)
    except Exit as end:
        if end.message:
            await call.err(end.message + "\n")
        return end.code
    except ApiFailure as failure:
        await call.err(failure.told() + "\n")
        return 1


async def _run(call: Call) -> int:
    ahead, name, rest = _find_command(call.argv)
    told = await manual.consulted(call, ahead, name, rest)
    if told is not None:
        return told
    if name not in COMMANDS:
        manual.require_words(name, rest, Flags(words=[word for word in rest if not word.startswith("-")]))
        raise NotSimulated(f"kubectl {name}")
    function, own = COMMANDS[name]
    flags = _parse(name, [*ahead, *rest], own)
    if flags.get("dry-run") == "unchanged":
        at = datetime.fromtimestamp(call.now(), UTC)
        why = "--dry-run is deprecated and can be replaced with --dry-run=client."
        await call.err(f"W{at:%m%d %H:%M:%S.%f} {1000 + int(call.now()) % 9000:>7} helpers.go:731] {why}\n")
    context = flags.get("context")
    if context and context != f"kubernetes-admin@{call.world.name}":
        raise Exit(1, f"Error in configuration: context was not found for specified context: {context}")
    return await function(call, Client(call, flags))


def _parse(name: str, argv: list[str], own: dict[str, str]) -> Flags:
    """Return the flags and words of a command; end it as kubectl does for invalid ones."""
    command = name
    try:
        # Which page has the kinds of the flags: the words say so.
        command = manual.deepest(name, parse(argv, GLOBAL | own).words)
        flags = parse(argv, manual.typed(command, GLOBAL | own))
    except UnknownFlagError as unknown:
        manual.require_flag(manual.deepest(name, argv), unknown)
        raise NotSimulated(f"kubectl {name} {unknown.word}") from None
    except CommandLineError as end:
        told = f"error: {end.message}\nSee 'kubectl {manual.deepest(command, argv)} --help' for usage."
        raise Exit(1, told) from None
    manual.require_words(command, argv, flags)
    return flags


def _find_command(argv: list[str]) -> tuple[list[str], str, list[str]]:
    """Split a command line into the flags before the subcommand, the subcommand, and the rest."""
    ahead: list[str] = []
    index = 0
    while index < len(argv):
        word = argv[index]
        if not word.startswith("-"):
            return ahead, word, argv[index + 1 :]
        if word in {"-h", "--help"} and not ahead:
            return [], word, []
        ahead.append(word)
        if "=" not in word and not GLOBAL.get(word, ":bool").endswith(":bool") and index + 1 < len(argv):
            index += 1
            ahead.append(argv[index])
        index += 1
    return ahead, "", []
