"""Options of GNU's programs, with GNU's error messages for unknown options."""

from collections.abc import Mapping, Sequence

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, UnknownFlag, parse

__all__ = ["options"]


def options(
    call: Call,
    valued: Mapping[str, str],
    switches: Mapping[str, str],
    *,
    lacking: Sequence[str] = (),
    code: int = 1,
    interspersed: bool = True,
    hint: bool = True,
) -> Flags:
    """Parse a program's options; `lacking` are options that exist but are not simulated."""
    try:
        flags = parse(call.argv, valued, switches, interspersed=interspersed, program=call.name)
    except UnknownFlag as end:
        word = end.word
        if word in {"--help", "--version", *lacking} or any(word[:2] == one for one in lacking if len(one) == 2):
            raise NotSimulated(f"{call.name} {word}") from None
        told = f"unrecognized option '{word}'" if word.startswith("--") else f"invalid option -- '{word[1]}'"
        more = f"\nTry '{call.name} --help' for more information." if hint else ""
        raise Exit(code, f"{call.name}: {told}{more}") from None
    except Exit as end:
        flag = end.message.rpartition(": ")[2].strip("'")
        letter = flag.split("'")[0]
        raise Exit(
            code,
            f"{call.name}: option requires an argument -- '{letter}'\n"
            f"Try '{call.name} --help' for more information.",
        ) from None
    flags.words += flags.rest or []
    return flags
