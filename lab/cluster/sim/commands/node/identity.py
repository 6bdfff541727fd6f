"""id, whoami, groups, and the users that getent knows: who one is, and who there is."""

from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.shell.call import Call, Exit

__all__ = ["database", "identity", "whoami"]

_FILES = {"passwd": "/etc/passwd", "group": "/etc/group"}


def _entries(call: Call, what: str) -> list[list[str]]:
    return [line.split(":") for line in call.files.get(_FILES[what]).splitlines() if line.count(":") > 2]


def _find(call: Call, what: str, key: str) -> list[str] | None:
    return next((entry for entry in _entries(call, what) if key in {entry[0], entry[2]}), None)


async def database(call: Call) -> int:
    """Print entries of a database of getent: users or groups."""
    what, *keys = call.argv
    found = [_find(call, what, key) for key in keys] if keys else [*_entries(call, what)]
    await call.out("".join(f"{':'.join(entry)}\n" for entry in found if entry))
    return 0 if all(found) else 2


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


async def identity(call: Call) -> int:
    """Print numbers and names of a user and of the groups it is in."""
    flags = options(
        call, {},
        {"-u": "user", "--user": "user", "-g": "group", "--group": "group", "-G": "groups", "--groups": "groups",
         "-n": "name", "--name": "name", "-r": "real", "--real": "real"}, lacking=("-a", "-Z", "-z"),
    )  # fmt: skip
    name = flags.words[0] if flags.words else call.env.get("UID", "0")
    entry = _find(call, "passwd", name)
    if entry is None and flags.words:
        return await call.fail(f"id: '{name}': no such user")
    user, uid, gid = (entry[0], entry[2], entry[3]) if entry else ("", name, "0")
    group = (_find(call, "group", gid) or ["root" if gid == "0" else ""])[0]
    asked = [what for what in ("user", "group", "groups") if flags.on(what)]
    if len(asked) > 1:
        raise Exit(1, 'id: cannot print "only" of more than one choice')
    if flags.on("name") and not asked:
        raise Exit(1, "id: cannot print only names or real IDs in default format")
    if asked:
        number, text = (uid, user) if asked == ["user"] else (gid, group)
        if flags.on("name") and not text:
            await call.line(number)
            return await call.fail(f"id: cannot find name for user ID {number}")
        await call.line(text if flags.on("name") else number)
        return 0
    named = f"{gid}({group})" if group else gid
    await call.line(f"uid={uid}{f'({user})' if user else ''} gid={named} groups={named}")
    return 0
