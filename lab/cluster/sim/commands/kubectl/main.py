"""kubectl: from a command line to its function."""

from datetime import UTC, datetime

from lab.cluster.sim.commands.golang.flags import Flags, UnknownFlag, parse
from lab.cluster.sim.commands.kubectl import manual
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client
from lab.cluster.sim.commands.kubectl.flagsets import GLOBAL, GLOBAL_SWITCHES
from lab.cluster.sim.commands.kubectl.subcommands import COMMANDS
from lab.cluster.sim.shell.call import Call, Exit, NotSimulated

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
    function, valued, switches, optional = COMMANDS[name]
    try:
        flags: Flags = parse(
            [*ahead, *rest],
            {**GLOBAL, **valued},
            {**GLOBAL_SWITCHES, **switches},
            optional=optional,
            program=f"kubectl {name}",
        )
    except UnknownFlag as unknown:
        manual.require_flag(name, rest, unknown)
        raise
    except Exit as end:
        raise Exit(1, f"{end.message}\nSee 'kubectl {manual.deepest(name, rest)} --help' for usage.") from None
    manual.require_words(name, [*ahead, *rest], flags)
    manual.require_values(name, [*ahead, *rest], flags)
    if flags.get("dry-run") == "unchanged":
        at = datetime.fromtimestamp(call.now(), UTC)
        why = "--dry-run is deprecated and can be replaced with --dry-run=client."
        await call.err(f"W{at:%m%d %H:%M:%S.%f} {1000 + int(call.now()) % 9000:>7} helpers.go:731] {why}\n")
    context = flags.get("context")
    if context and context != f"kubernetes-admin@{call.world.name}":
        raise Exit(1, f"Error in configuration: context was not found for specified context: {context}")
    return await function(call, Client(call, flags))


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
        if "=" not in word and word in GLOBAL and index + 1 < len(argv):
            index += 1
            ahead.append(argv[index])
        index += 1
    return ahead, "", []
