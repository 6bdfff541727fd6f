"""kubectl wait: until objects exist, are gone, or match a condition or a path."""

from collections.abc import Callable

from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, dig, name_of, namespace_of
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.golang.jsonpath import evaluate, relaxed, text
from lab.cluster.sim.commands.kubectl.change import chosen
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client
from lab.cluster.sim.commands.kubectl.output import printed, structured
from lab.cluster.sim.commands.kubectl.resources import targets
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["wait"]


async def wait(call: Call, client: Client) -> int:
    """Wait for a condition of objects."""
    flags = client.flags
    wanted = flags.get("for")
    holds = _condition(wanted)
    limit = parse_duration(flags.get("timeout", "30s"))
    if wanted == "delete":
        return await _until_deleted(call, client, limit)
    if wanted == "create":
        await _until_created(call, client, limit)
    found = await chosen(call, client, flags.words)
    if not found:
        return await call.fail("error: no matching resources found")
    code, waited = 0, 0.0
    for kind, item in found:
        while True:
            now = call.plane.store.get(kind, namespace_of(item), name_of(item))
            if now is not None and holds(now):
                await _tell(call, client, kind, now)
                break
            if waited >= limit:
                told = f"error: timed out waiting for the condition on {kind.plural}/{name_of(item)}"
                await call.err(told + "\n")
                code = 1
                break
            await call.sleep(0.2)
            waited += 0.2
    return code


async def _tell(call: Call, client: Client, kind: Kind, item: Object) -> None:
    if form := client.flags.get("output"):
        await call.out(structured(form, item, [item], [kind]))
    else:
        await call.line(f"{printed(kind, name_of(item))} condition met")


async def _until_created(call: Call, client: Client, limit: float) -> None:
    waited = 0.0
    while True:
        try:
            if await chosen(call, client, client.flags.words):
                return
        except ApiFailure as failure:
            if failure.code != 404:
                raise
        if waited >= limit:
            raise Exit(1, "error: timed out waiting for the condition")
        await call.sleep(0.2)
        waited += 0.2


async def _until_deleted(call: Call, client: Client, limit: float) -> int:
    found: list[tuple[Kind, Object]] = []
    for kind, name in targets(client.flags.words):
        if not name:
            found += await chosen(call, client, client.flags.words)
            break
        try:
            found.append((kind, await client.get(kind, client.namespace if kind.namespaced else "", name)))
        except ApiFailure as failure:
            if failure.code != 404:
                raise
    waited = 0.0
    for kind, item in found:
        while call.plane.store.get(kind, namespace_of(item), name_of(item)) is not None:
            if waited >= limit:
                return await call.fail(
                    f"error: timed out waiting for the condition on {kind.plural}/{name_of(item)}"
                )
            await call.sleep(0.2)
            waited += 0.2
        await call.line(f"{printed(kind, name_of(item))} condition met")
    return 0


def _condition(wanted: str) -> Callable[[Object], bool]:
    if wanted in {"delete", "create"}:
        return lambda _item: wanted == "create"
    how, _, what = wanted.partition("=")
    if how == "condition":
        name, _, value = what.partition("=")
        status = (value or "True").lower()
        return lambda item: any(
            c["type"].lower() == name.lower() and c["status"].lower() == status
            for c in dig(item, "status", "conditions", default=[])
        )
    if how == "jsonpath":
        path, value = _path_and_value(what)
        return lambda item: any(not value or text(found) == value for found in evaluate(path, item))
    raise Exit(1, f'error: unrecognized condition: "{wanted}"')


def _path_and_value(what: str) -> tuple[str, str]:
    end = what.rfind("}") + 1 if what.startswith("{") else 0
    path, equals, value = what[end:].partition("=")
    path = what[:end] + path
    if not path:
        raise Exit(1, "error: jsonpath expression cannot be empty")
    if equals and not value:
        raise Exit(1, "error: jsonpath wait value cannot be empty")
    return relaxed(path), value.strip("'\"")
