"""tc: queues of links."""

from collections.abc import Sequence

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.node.ip import link_names

__all__ = ["tc"]


def _fits(word: str, *names: str) -> bool:
    """Whether a word abbreviates one of the names, as iproute2 allows."""
    return bool(word) and any(name.startswith(word) for name in names)


async def tc(call: Call) -> int:
    """Print the queues of links: no link has queues, filters or classes."""
    words = [word for word in call.argv if not word.startswith("-")]
    options = {word for word in call.argv if word.startswith("-")}
    if not words or options - {"-s", "-d"}:
        return await call.fail(NotSimulated(f"tc {' '.join(call.argv)}".strip()).message)
    what, *rest = words
    if not _fits(what, "qdisc", "class", "filter"):
        known = _fits(what, "chain", "action", "monitor", "exec", "help")
        if known:
            return await call.fail(NotSimulated(f"tc {what}").message)
        return await call.fail(f'Object "{what}" is unknown, try "tc help".', 255)
    name = next(full for full in ("qdisc", "class", "filter") if full.startswith(what))
    if rest and not _fits(rest[0], "show", "list", "ls"):
        if _fits(rest[0], "add", "delete", "replace", "change", "link", "get", "help"):
            return await call.fail(NotSimulated(f"tc {name} {rest[0]}").message)
        return await call.fail(f'Command "{rest[0]}" is unknown, try "tc {name} help".', 255)
    return await _queues(call, name, rest[1:], statistics="-s" in options)


async def _queues(call: Call, what: str, rest: Sequence[str], *, statistics: bool) -> int:
    links = link_names(call)
    if rest[:1] == ["dev"]:
        if len(rest) < 2:
            return await call.fail('Command line is not complete. Try option "help"', 255)
        if rest[1] not in links:
            return await call.fail(f'Cannot find device "{rest[1]}"')
    more = " Sent 0 bytes 0 pkt (dropped 0, overlimits 0 requeues 0) \n backlog 0b 0p requeues 0\n"
    for link in [rest[1]] if rest[:1] == ["dev"] else links:
        if what == "qdisc":
            named = "" if rest[:1] == ["dev"] else f"dev {link} "
            await call.out(f"qdisc noqueue 0: {named}root refcnt 2 \n{more if statistics else ''}")
    return 0
