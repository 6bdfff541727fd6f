"""whoami: who one is."""

from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.shell.call import Call

__all__ = ["whoami"]


async def whoami(call: Call) -> int:
    """Print who one is."""
    if call.argv:
        options(call, {}, {})
        return await call.fail(
            f"whoami: extra operand '{call.argv[0]}'\nTry 'whoami --help' for more information."
        )
    if call.env.get("UID", "0") != "0":
        return await call.fail(f"whoami: cannot find name for user ID {call.env['UID']}")
    await call.line("root")
    return 0
