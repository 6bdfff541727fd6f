"""kubectl attach, debug, port-forward, proxy, cp: they check their arguments and report what is not simulated."""

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, name_of
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.resources import kind_named
from lab.cluster.sim.network.listeners import listening_ports

__all__ = ["certificate", "copy", "forward", "reach", "serve"]


async def _require_debuggable(client: Client) -> None:
    flags = client.flags
    if not flags.given("image") and not flags.given("copy-to"):
        raise Exit(1, "error: you must specify --image when not using --copy-to.")
    profile = flags.get("profile", "legacy")
    if profile not in {"legacy", "general", "baseline", "netadmin", "restricted", "sysadmin"}:
        raise Exit(1, f"error: unknown profile: {profile}")
    if profile == "legacy":
        advice = 'It is recommended to explicitly specify a profile, for example "--profile=general".'
        await client.call.err(f"--profile=legacy is deprecated and will be removed in the future. {advice}\n")


async def _require(client: Client, word: str) -> Object:
    """Raise `ApiFailure` unless `pod`, `pod/name` or `node/name` exists."""
    kind_word, slash, name = word.partition("/")
    kind = kind_named(kind_word) if slash else KIND["Pod"]
    return await client.get(kind, client.namespace if kind.namespaced else "", name if slash else word)


async def reach(_call: Call, client: Client, *, what: str) -> int:
    """Attach to or debug something."""
    if what == "debug":
        await _require_debuggable(client)
    if not client.flags.words:
        raise Exit(1, f"error: NAME or TYPE/NAME is required for {what}")
    found = await _require(client, client.flags.words[0])
    container = client.flags.get("container")
    if what == "attach" and container and found["kind"] == "Pod" and container not in {
        one["name"] for one in found["spec"]["containers"]
    }:  # fmt: skip
        told = f"container {container} not found in pod {name_of(found)}"
        raise Exit(1, f"error: cannot attach to the container: {told}")
    raise NotSimulated(f"kubectl {what}")


async def serve(call: Call, client: Client, *, what: str) -> int:
    """Serve the API on a port of the node: not simulated."""
    port = int(client.flags.get("port", "8001"))
    if any(port == taken for _, taken, _ in listening_ports(call.plane, call.node)):
        raise Exit(1, f"error: listen tcp 127.0.0.1:{port}: bind: address already in use")
    raise NotSimulated(f"kubectl {what}")


async def forward(_call: Call, client: Client) -> int:
    """Forward ports to a pod: only errors in the words are simulated."""
    words = client.flags.words
    if len(words) < 2:
        raise Exit(1, "error: TYPE/NAME and list of ports are required for port-forward\n"
                      "See 'kubectl port-forward -h' for help and examples")  # fmt: skip
    kind_word, slash, name = words[0].partition("/")
    kind = kind_named(kind_word) if slash else KIND["Pod"]
    item = await client.get(kind, client.namespace, name if slash else words[0])
    for word in words[1:]:
        _require_port(kind.kind, item, word)
    raise NotSimulated("kubectl port-forward")


def _require_port(kind: str, item: Object, word: str) -> None:
    local, colon, remote = word.partition(":")
    remote = remote if colon else local
    if kind == "Service":
        ports = dig(item, "spec", "ports", default=[])
        if not any(remote in {str(port.get("port")), port.get("name")} for port in ports):
            raise Exit(1, f"error: Service {name_of(item)} does not have a service port {remote}")
    elif not remote.isdigit():
        containers = dig(item, "spec", "containers", default=[])
        if not any(port.get("name") == remote for each in containers for port in each.get("ports") or []):
            raise Exit(1, f"error: Pod '{name_of(item)}' does not have a named port '{remote}'")
    for side, number in (("local", local), ("remote", remote)):
        if number.isdigit() and int(number) > 65535:
            told = f'strconv.ParseUint: parsing "{number}": value out of range'
            raise Exit(1, f"error: error parsing {side} port '{number}': {told}")


async def copy(call: Call, client: Client) -> int:
    """Copy files from or to a pod."""
    words = client.flags.words
    if len(words) != 2:
        raise Exit(1, "error: source and destination are required")
    there = [word for word in words if ":" in word and not word.startswith(("/", "."))]
    if len(there) != 1:
        raise Exit(1, "error: one of src or dest must be a local file specification")
    here = words[0] if there[0] != words[0] else ""
    if here and not call.files.exists(call.path(here)):
        raise Exit(1, f"error: {here} doesn't exist in local filesystem")
    namespace, slash, pod = there[0].partition(":")[0].partition("/")
    await client.get(KIND["Pod"], namespace if slash else client.namespace, pod if slash else namespace)
    raise NotSimulated("kubectl cp")


async def certificate(_call: Call, client: Client) -> int:
    """Approve or deny a certificate signing request."""
    words = client.flags.words
    if len(words) < 2:
        raise Exit(1, "error: one or more CSRs must be specified as <name> or -f <filename>")
    await client.get(KIND["CertificateSigningRequest"], "", words[1])
    raise NotSimulated(f"kubectl certificate {words[0]}")
