"""crictl ps, pods, images."""

from datetime import UTC, datetime
from typing import Any

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.crictl.selection import (
    Fatal,
    HelpShown,
    annotations_of,
    container_labels,
    containers,
    cut_id,
    print_answer,
    sandbox_labels,
    sandboxes,
    table,
)
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.machine.runtime import Container, Sandbox, image_id
from lab.cluster.sim.timing.durations import short_human

__all__ = ["container_json", "human_size", "image_json", "image_size", "images", "pods", "pointed", "ps", "sandbox_json", "utc"]  # fmt: skip  # noqa: E501

#: The images of a lab's node share one file system; CoreDNS's image has only its program.
_SIZE, _SMALL = 166_664_500, 17_691_300
_FORMS = {"", "table", "json", "yaml"}


def utc(at: float) -> str:
    """Return a time as Go prints one."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f000 +0000 UTC")


def pointed(title: str, values: dict[str, str]) -> list[str]:
    """Return labels or annotations as `-v` lists them."""
    return [f"{title}:", *(f"\t{key} -> {value}" for key, value in values.items())] if values else []


def human_size(size: float) -> str:
    """Return a size with at most four digits, as crictl prints it."""
    unit = "B"
    for unit in ("B", "kB", "MB", "GB"):  # noqa: B007 -- the last one is the result
        if size < 1000:
            break
        size /= 1000
    return f"{size:.4g}{unit}"


async def pods(call: Call, flags: Flags) -> int:
    """List sandboxes."""
    found = await sandboxes(call, flags)
    if flags.on("quiet"):
        await call.out("".join(f"{one.id}\n" for one in found))
        return 0
    if flags.get("output") in {"json", "yaml"}:
        await print_answer(call, flags, {"items": [sandbox_json(one) for one in found]})
        return 0
    _known(flags, "listing pod sandboxes: ")
    if flags.on("verbose"):
        await call.out("".join(_verbose_pod(one) for one in found))
        return 0
    rows = [["POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"]]
    for one in found:
        age = short_human(call.now() - one.created)
        rows.append(
            [cut_id(one.id, flags), age, _ready(one), one.name, one.namespace, str(one.attempt), "(default)"]
        )
    await call.out(table(rows))
    return 0


def _ready(one: Sandbox) -> str:
    return "Ready" if one.ready else "NotReady"


def _known(flags: Flags, doing: str) -> None:
    if flags.get("output") not in _FORMS:
        raise Fatal(f'{doing}unsupported output format "{flags.get("output")}"')


def _verbose_pod(one: Sandbox) -> str:
    lines = [
        f"ID: {one.id}",
        f"Name: {one.name}",
        f"UID: {one.uid}",
        f"Namespace: {one.namespace}",
        f"Status: {_ready(one)}",
        f"Created: {utc(one.created)}",
        *pointed("Labels", sandbox_labels(one)),
        *pointed("Annotations", one.annotations),
        "Runtime: (default)",
        "",
        "",
    ]
    return "\n".join(lines)


def sandbox_json(one: Sandbox) -> dict[str, Any]:
    """Return a sandbox as `pods -o json` lists it."""
    return {
        "id": one.id,
        "metadata": {"name": one.name, "uid": one.uid, "namespace": one.namespace, "attempt": one.attempt},
        "state": "SANDBOX_READY" if one.ready else "SANDBOX_NOTREADY",
        "createdAt": str(int(one.created * 1e9)),
        "labels": sandbox_labels(one),
        "annotations": one.annotations,
        "runtimeHandler": "",
    }


async def ps(call: Call, flags: Flags) -> int:
    """List containers."""
    if flags.words:
        raise HelpShown
    runtime = call.node.runtime
    found = await containers(call, flags)
    if flags.on("quiet"):
        await call.out("".join(f"{c.id}\n" for c in found))
        return 0
    if flags.get("output") in {"json", "yaml"}:
        listed = [container_json(runtime.sandboxes[c.sandbox], c) for c in found]
        await print_answer(call, flags, {"containers": listed})
        return 0
    _known(flags, "listing containers: ")
    if flags.on("verbose"):
        await call.out("".join(_verbose(call, runtime.sandboxes[c.sandbox], c) for c in found))
        return 0
    rows = [["CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"]]
    for c in found:
        sandbox = runtime.sandboxes[c.sandbox]
        reference = f"sha256:{image_id(c.image)}"
        image = (
            c.image if flags.on("resolve-image-path") else reference if flags.on("no-trunc") else reference[7:20]
        )
        age = short_human(call.now() - c.created)
        row = [cut_id(c.id, flags), image, age, c.state.capitalize(), c.name, str(c.attempt)]
        rows.append([*row, cut_id(c.sandbox, flags), sandbox.name, sandbox.namespace])
    await call.out(table(rows))
    return 0


def _verbose(call: Call, sandbox: Sandbox, c: Container) -> str:
    lines = [
        f"ID: {c.id}",
        f"PodID: {c.sandbox}",
        f"Namespace: {sandbox.namespace}",
        f"Name: {c.name}",
        f"Attempt: {c.attempt}",
        f"State: {c.state.capitalize()}",
        f"Image: sha256:{image_id(c.image)}",
        f"Created: {short_human(call.now() - c.created)}",
        *pointed("Labels", container_labels(sandbox, c)),
        *pointed("Annotations", annotations_of(sandbox, c)),
        "",
        "",
    ]
    return "\n".join(lines)


def container_json(sandbox: Sandbox, c: Container) -> dict[str, Any]:
    """Return a container as `ps -o json` lists it."""
    reference = f"sha256:{image_id(c.image)}"
    return {
        "id": c.id,
        "podSandboxId": c.sandbox,
        "metadata": {"name": c.name, "attempt": c.attempt},
        "image": {
            "image": reference, "annotations": {}, "userSpecifiedImage": "", "runtimeHandler": "", "imageRef": "",
        },
        "imageRef": reference,
        "state": f"CONTAINER_{c.state}",
        "createdAt": str(int(c.created * 1e9)),
        "labels": container_labels(sandbox, c),
        "annotations": annotations_of(sandbox, c),
        "imageId": "",
    }  # fmt: skip


def image_size(image: str) -> int:
    """Return the size of an image."""
    return (_SMALL if "coredns" in image else _SIZE) + len(image)


def image_json(image: str) -> dict[str, Any]:
    """Return an image as `images -o json` lists it."""
    return {
        "id": f"sha256:{image_id(image)}",
        "repoTags": [image],
        "repoDigests": [],
        "size": str(image_size(image)),
        "username": "",
        "pinned": False,
    }


async def images(call: Call, flags: Flags) -> int:
    """List the images. The runtime of a lab's node lists all images, whatever the filter."""
    if len(flags.words) > 1:
        raise HelpShown
    found = [] if "dangling=true" in flags.all("filter") else call.node.runtime.images
    if flags.on("pinned"):
        found = []
    if flags.get("output") in {"json", "yaml"}:
        await print_answer(call, flags, {"images": [image_json(image) for image in found]})
        return 0
    if flags.on("quiet"):
        await call.out("".join(f"sha256:{image_id(image)}\n" for image in found))
        return 0
    if flags.on("verbose"):
        for image in found:
            await call.out(f"ID: sha256:{image_id(image)}\nRepoTags: {image}\nSize: {image_size(image)}\n\n")
        return 0
    digests = flags.on("digests")
    rows = [["IMAGE", "TAG", *(["DIGEST"] if digests else []), "IMAGE ID", "SIZE"]]
    for image in found:
        name, _, tag = image.rpartition(":")
        identifier = f"sha256:{image_id(image)}"
        shown = identifier if flags.on("no-trunc") else identifier[7:20]
        size = f"{image_size(image) / 1e6:.3g}MB"
        rows.append([name, tag, *(["<none>"] if digests else []), shown, size])
    await call.out(table(rows))
    return 0
