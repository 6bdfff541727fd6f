"""uname: the name and the version of the kernel."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.flags import UnknownFlag, parse

__all__ = ["uname"]

_KERNEL = "#45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30 12:02:04 UTC 2024"
_TRY_UNAME = "Try 'uname --help' for more information."
#: Letter -> long name, in the order of the output.
_UNAME = {"s": "kernel-name", "n": "nodename", "r": "kernel-release", "v": "kernel-version", "m": "machine",
          "p": "processor", "i": "hardware-platform", "o": "operating-system"}  # fmt: skip


async def uname(call: Call) -> int:
    """Print the kernel's name."""
    inside = call.place.sandbox
    values = dict.fromkeys("pi", "unknown") | {
        "s": "Linux", "n": inside.name if inside and not inside.host_network else call.node.name,
        "r": call.node.sysctls.get("kernel.osrelease") or "", "v": _KERNEL, "m": "x86_64", "o": "GNU/Linux",
    }  # fmt: skip
    switches = {flag: letter for letter, word in _UNAME.items() for flag in (f"-{letter}", f"--{word}")}
    try:
        flags = parse(call.argv, {}, {**switches, "-a": "a", "--all": "a"}, program="uname")
    except UnknownFlag as end:
        if end.word in {"--help", "--version"}:
            return await call.fail(end.message)
        long = end.word.startswith("--")
        told = f"unrecognized option '{end.word}'" if long else f"invalid option -- '{end.word[1]}'"
        return await call.fail(f"uname: {told}\n{_TRY_UNAME}")
    if flags.words:
        return await call.fail(f"uname: extra operand ‘{flags.words[0]}’\n{_TRY_UNAME}")
    wanted = "snrvmo" if flags.on("a") else [letter for letter in _UNAME if flags.on(letter)] or "s"
    await call.line(" ".join(values[letter] for letter in wanted))
    return 0
