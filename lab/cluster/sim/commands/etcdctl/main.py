"""etcdctl: a client of etcd, with the certificates it asks for."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.bash.running.deferred import Deferred
from lab.cluster.sim.commands.etcdctl.connection import Client, Run
from lab.cluster.sim.commands.etcdctl.flags import GLOBAL, OWN
from lab.cluster.sim.commands.etcdctl.status import VERSION
from lab.cluster.sim.commands.golang.cobra import Found, find, suggestions
from lab.cluster.sim.commands.golang.command_line import CommandLineError, HelpAsked
from lab.cluster.sim.commands.golang.pflag import parse
from lab.cluster.sim.commands.node.help_pages import page

__all__ = ["etcdctl"]


async def etcdctl(call: Call) -> int:
    """Run etcdctl."""
    found = find(list(_COMMANDS), _moved(call.argv))
    name = f"etcdctl {found.name}".strip()
    if found.name == "help":
        return await _help(call, found.words)
    try:
        return await _run(call, found)
    except CommandLineError as error:
        await call.err(f"Error: {error.message}\n")
        await call.out(page(name))
        return await call.fail("")
    except HelpAsked:
        await call.out(page(name))
        return 0
    except Exit as end:
        return await call.fail(end.message, end.code) if end.message else end.code


async def _run(call: Call, found: Found) -> int:
    flags = parse(found.words, {**GLOBAL, **OWN.get(found.name, {})})
    if not found.name and (words := [*flags.words, *(flags.rest or ())]):
        return await _unknown(call, words[0])
    run = _COMMANDS.get(found.name)
    if run is None:
        raise HelpAsked
    return await run(Client(call, flags, found.name))


def _moved(argv: list[str]) -> list[str]:
    """Return the words with flags before the command moved behind it."""
    lead: list[str] = []
    rest = list(argv)
    while rest and rest[0].startswith("-") and rest[0] != "--":
        word = rest.pop(0)
        lead.append(word)
        kind = GLOBAL.get(word, ":bool").partition(":")[2]
        if kind != "bool" and rest:
            lead.append(rest.pop(0))
    names = find(list(_COMMANDS), rest)
    taken = len(rest) - len(names.words)
    # Flags may also stand between the words of a command.
    if names.name in _GROUPS and names.words and names.words[0].startswith("-"):
        return [*rest[:taken], *_moved_behind(names.words), *lead]
    return [*rest[:taken], *lead, *names.words]


def _moved_behind(words: list[str]) -> list[str]:
    lead: list[str] = []
    rest = list(words)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        lead.append(word)
        if GLOBAL.get(word, ":bool").partition(":")[2] != "bool" and rest:
            lead.append(rest.pop(0))
    return [*rest[:1], *lead, *rest[1:]]


async def _help(call: Call, words: list[str]) -> int:
    found = find(list(_COMMANDS), words)
    if found.words and not found.name:
        told = " ".join(f"`{word}`" for word in found.words)
        await call.err(f"Unknown help topic [{told}]\n")
    await call.out(page(f"etcdctl {found.name}".strip()))
    return 0


async def _unknown(call: Call, word: str) -> int:
    told = f'Error: unknown command "{word}" for "etcdctl"\n'
    meant = suggestions([name for name in _COMMANDS if " " not in name], word)
    if meant:
        told += "\nDid you mean this?\n" + "".join(f"\t{name}\n" for name in meant) + "\n"
    return await call.fail(f"{told}Run 'etcdctl --help' for usage.")


async def _version(client: Client) -> int:
    await client.call.out(f"etcdctl version: {VERSION}\nAPI version: 3.6\n")
    return 0


async def _completion(client: Client) -> int:
    words = client.words
    if len(words) != 1:
        raise CommandLineError(f"accepts 1 arg(s), received {len(words)}")
    if words[0] not in {"bash", "zsh", "fish", "powershell"}:
        raise CommandLineError(f'invalid argument "{words[0]}" for "etcdctl completion"')
    raise NotSimulated(f"etcdctl completion {words[0]}")


async def _mirror(client: Client) -> int:
    if len(client.words) != 1:
        raise client.usage("make-mirror takes one destination argument")
    raise NotSimulated("etcdctl make-mirror")


_GROUPS = {"alarm", "auth", "check", "downgrade", "endpoint", "lease", "member", "role", "snapshot", "user"}
#: In the order of suggestions. None: a group of commands.
_COMMANDS: dict[str, Run | None] = {
    "get": Deferred("lab.cluster.sim.commands.etcdctl.keys", "get"),
    "put": Deferred("lab.cluster.sim.commands.etcdctl.keys", "put"),
    "del": Deferred("lab.cluster.sim.commands.etcdctl.keys", "delete"),
    "txn": Deferred("lab.cluster.sim.commands.etcdctl.txn", "txn"),
    "compaction": Deferred("lab.cluster.sim.commands.etcdctl.keys", "compaction"),
    "alarm": None,
    "alarm disarm": Deferred("lab.cluster.sim.commands.etcdctl.members", "alarm_disarm"),
    "alarm list": Deferred("lab.cluster.sim.commands.etcdctl.members", "alarm_list"),
    "defrag": Deferred("lab.cluster.sim.commands.etcdctl.members", "defrag"),
    "endpoint": None,
    "endpoint health": Deferred("lab.cluster.sim.commands.etcdctl.status", "health"),
    "endpoint status": Deferred("lab.cluster.sim.commands.etcdctl.status", "status"),
    "endpoint hashkv": Deferred("lab.cluster.sim.commands.etcdctl.status", "hashkv"),
    "move-leader": Deferred("lab.cluster.sim.commands.etcdctl.members", "move_leader"),
    "watch": Deferred("lab.cluster.sim.commands.etcdctl.watch", "watch"),
    "version": _version,
    "lease": None,
    "lease grant": Deferred("lab.cluster.sim.commands.etcdctl.leases", "grant"),
    "lease revoke": Deferred("lab.cluster.sim.commands.etcdctl.leases", "revoke"),
    "lease timetolive": Deferred("lab.cluster.sim.commands.etcdctl.leases", "time_to_live"),
    "lease list": Deferred("lab.cluster.sim.commands.etcdctl.leases", "leases"),
    "lease keep-alive": Deferred("lab.cluster.sim.commands.etcdctl.leases", "keep_alive"),
    "member": None,
    "member add": Deferred("lab.cluster.sim.commands.etcdctl.members", "add"),
    "member remove": Deferred("lab.cluster.sim.commands.etcdctl.members", "remove"),
    "member update": Deferred("lab.cluster.sim.commands.etcdctl.members", "update"),
    "member list": Deferred("lab.cluster.sim.commands.etcdctl.members", "members"),
    "member promote": Deferred("lab.cluster.sim.commands.etcdctl.members", "promote"),
    "snapshot": None,
    "snapshot save": Deferred("lab.cluster.sim.commands.etcdctl.snapshot", "save"),
    "make-mirror": _mirror,
    "lock": Deferred("lab.cluster.sim.commands.etcdctl.watch", "lock"),
    "elect": Deferred("lab.cluster.sim.commands.etcdctl.watch", "elect"),
    "auth": None,
    **dict.fromkeys(
        ("auth enable", "auth disable", "auth status"), Deferred("lab.cluster.sim.commands.etcdctl.access", "auth")
    ),
    "user": None,
    **dict.fromkeys(
        ("user add", "user delete", "user get", "user list", "user passwd", "user grant-role", "user revoke-role"),
        Deferred("lab.cluster.sim.commands.etcdctl.access", "user"),
    ),
    "role": None,
    **dict.fromkeys(
        ("role add", "role delete", "role get", "role list", "role grant-permission", "role revoke-permission"),
        Deferred("lab.cluster.sim.commands.etcdctl.access", "role"),
    ),
    "check": None,
    "check perf": Deferred("lab.cluster.sim.commands.etcdctl.perf", "perf"),
    "check datascale": Deferred("lab.cluster.sim.commands.etcdctl.perf", "datascale"),
    "completion": _completion,
    "downgrade": None,
    **dict.fromkeys(
        ("downgrade validate", "downgrade enable", "downgrade cancel"),
        Deferred("lab.cluster.sim.commands.etcdctl.members", "downgrade"),
    ),
    "help": None,
}
