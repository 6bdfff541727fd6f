"""loginctl: the logged-in users."""

import json

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.node.bus_services import ask_service, unknown_verb

__all__ = ["loginctl"]


async def loginctl(call: Call) -> int:
    """Print that nobody is logged in: a shell in a node is not a login."""
    try:
        flags = ask_service(call, "logind", stays=True)
        verb = flags.words[0] if flags.words else "list-sessions"
        if verb not in {"list-sessions", "list-users", "list-seats"}:
            known = (
                "session-status",
                "show-session",
                "activate",
                "lock-session",
                "unlock-session",
                "lock-sessions",
                "unlock-sessions",
                "terminate-session",
                "kill-session",
                "user-status",
                "show-user",
                "enable-linger",
                "disable-linger",
                "terminate-user",
                "kill-user",
                "seat-status",
                "show-seat",
                "attach",
                "flush-devices",
                "terminate-seat",
            )
            raise unknown_verb(verb, known, "loginctl")
    except Exit as end:
        return await call.fail(end.message, end.code)
    if flags.given("json"):
        await call.line(json.dumps([]))
    elif not flags.on("no-legend"):
        await call.line(f"No {verb.removeprefix('list-')}.")
    return 0
