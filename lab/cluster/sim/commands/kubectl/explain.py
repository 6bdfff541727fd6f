"""kubectl explain: the fields of objects, from the OpenAPI of a real API server."""

from collections.abc import Iterator

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import Kind, find
from lab.cluster.sim.api.schema import Field, root_of, type_of
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.kubectl.client import Client

__all__ = ["explain"]

#: kubectl wraps texts at 80 columns minus the indentation.
_WIDTH = 80
#: The number of values of an enumeration that a field lists.
_MOST_ENUM = 4


async def explain(call: Call, client: Client) -> int:
    """Explain a kind or one of its fields."""
    words = client.flags.words
    if not words:
        raise Exit(
            1,
            'error: You must specify the type of resource to explain. Use "kubectl api-resources" for a complete '
            "list of supported resources.",
        )
    if len(words) > 1:
        raise Exit(1, "error: We accept only this format: explain RESOURCE")
    await client.send(Request("GET", "/apis"))
    resource, *path = words[0].rstrip(".").split(".")
    kind = find(resource)
    if kind is None:
        raise Exit(1, f'the server doesn\'t have a resource type "{resource}"')
    field = root_of(kind.kind)
    if field is None:
        raise Exit(1, f'error: couldn\'t find resource for "{kind.group}/{kind.version}, Resource={kind.plural}"')
    await call.out(_head(kind))
    for name in path:
        found = type_of(field).get("fields", {}).get(name)
        if found is None:
            raise Exit(1, f'error: field "{name}" does not exist')
        field = found
    await call.out("\n".join(_told(field, path, everything=client.flags.on("recursive"))) + "\n")
    return 0


def _head(kind: Kind) -> str:
    group = f"GROUP:      {kind.group}\n" if kind.group else ""
    return f"{group}KIND:       {kind.kind}\nVERSION:    {kind.version}\n\n"


def _told(field: Field, path: list[str], *, everything: bool) -> Iterator[str]:
    if path:
        yield f"FIELD: {path[-1]} <{field['type']}>"
        if field.get("enum"):
            yield "ENUM:"
            yield from (f"    {word}" for word in field["enum"])
        else:
            yield ""
        yield ""
    yield "DESCRIPTION:"
    made_of = type_of(field)
    texts = [text for text in (field.get("text"), made_of.get("text")) if text]
    for text in texts or ["<empty>"]:
        yield from _wrapped(text, 4)
    yield "    "
    if made_of.get("fields"):
        yield "FIELDS:"
        yield from _fields(made_of, 1, (field.get("ref", ""),) if everything else None)
    yield ""


def _fields(of: Field, depth: int, above: tuple[str, ...] | None) -> Iterator[str]:
    """Print the fields: recursively if `above` has the types around them, otherwise with their descriptions."""
    lead = "  " * depth
    for name, field in sorted(of["fields"].items()):
        required = " -required-" if name in of.get("required", ()) else ""
        yield f"{lead}{name}\t<{field['type']}>{required}"
        if field.get("enum"):
            shown = [word or '""' for word in field["enum"][:_MOST_ENUM]]
            more = ["...."] if len(field["enum"]) > _MOST_ENUM else []
            yield f"{lead}enum: {', '.join([*shown, *more])}"
        if above is None:
            yield from _wrapped(field.get("text") or "<no description>", 2 * depth + 2)
            yield ""
        elif field.get("ref") not in above and type_of(field).get("fields"):
            yield from _fields(type_of(field), depth + 1, (*above, field["ref"]))


def _wrapped(text: str, indent: int) -> Iterator[str]:
    """Wrap each line of `text` at words; a word that is too long stands alone."""
    for line in text.split("\n"):
        row = line[: len(line) - len(line.lstrip(" "))]
        for word in line.lstrip(" ").split(" "):
            if row.strip() and len(row) + 1 + len(word) > _WIDTH - indent:
                yield f"{' ' * indent}{row}"
                row = word
            else:
                row = f"{row} {word}" if row.strip() else row + word
        yield f"{' ' * indent}{row}"
