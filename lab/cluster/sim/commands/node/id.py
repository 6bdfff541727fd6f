"""id: the numbers and names of a user and its groups."""

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.node.accounts import find_account
from lab.cluster.sim.commands.node.gnu_options import options

__all__ = ["identity"]


async def identity(call: Call) -> int:
    """Print the numbers and names of a user and its groups."""
    flags = options(
        call, {},
        {"-u": "user", "--user": "user", "-g": "group", "--group": "group", "-G": "groups", "--groups": "groups",
         "-n": "name", "--name": "name", "-r": "real", "--real": "real", "-a": "no effect"}, lacking=("-Z", "-z"),
    )  # fmt: skip
    name = flags.words[0] if flags.words else str(call.place.user_id)
    entry = find_account(call, "passwd", name)
    if entry is None and flags.words:
        return await call.fail(f"id: ‘{name}’: no such user")
    user, uid, gid = (entry[0], entry[2], entry[3]) if entry else ("", name, "0")
    group = (find_account(call, "group", gid) or ["root" if gid == "0" else ""])[0]
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
