"""Users and groups of a node, from /etc/passwd and /etc/group."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["database", "find_account"]

_FILES = {"passwd": "/etc/passwd", "group": "/etc/group"}


def _entries(call: Call, what: str) -> list[list[str]]:
    return [line.split(":") for line in call.files.get(_FILES[what]).splitlines() if line.count(":") > 2]


def find_account(call: Call, what: str, key: str) -> list[str] | None:
    """Return the fields of the user or group (`what`: passwd, group) with that name or number."""
    return next((entry for entry in _entries(call, what) if key in {entry[0], entry[2]}), None)


async def database(call: Call) -> int:
    """Print entries of a getent database: users or groups."""
    what, *keys = call.argv
    found = [find_account(call, what, key) for key in keys] if keys else [*_entries(call, what)]
    await call.out("".join(f"{':'.join(entry)}\n" for entry in found if entry))
    return 0 if all(found) else 2
