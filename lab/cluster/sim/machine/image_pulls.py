"""Error messages of image pulls on a node without access to a registry."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.cluster.sim.machine.files import Files

__all__ = ["failure"]


def failure(image: str, files: "Files") -> str:
    """Return containerd 1.6's message about a pull of `image` on the node with `files`."""
    host, slash, rest = image.partition("/")
    if not slash:
        host, rest = "docker.io", f"library/{image}"
    elif "." not in host and ":" not in host and host != "localhost":
        host, rest = "docker.io", image
    if ":" not in rest and "@" not in rest:
        rest += ":latest"
    path, _, tag = rest.partition("@") if "@" in rest else rest.rpartition(":")
    asked = "registry-1.docker.io" if host == "docker.io" else host
    resolver = files.get("/etc/resolv.conf").partition("nameserver ")[2].split("\n")[0] or "127.0.0.1"
    return (
        f'failed to pull and unpack image "{host}/{rest}": failed to resolve reference "{host}/{rest}": failed '
        f'to do request: Head "https://{asked}/v2/{path}/manifests/{tag}": dial tcp: lookup '
        f"{asked.partition(':')[0]} on {resolver}:53: no such host"
    )
