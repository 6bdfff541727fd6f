"""kubectl commands that reach into what runs, as far as they go: they tell what is not there.

A copy, a debugging pod or a forwarded port of something that is there is not simulated, and says so.
"""

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.resources import kind_named
from lab.cluster.sim.controllers.common import KIND

__all__ = ["certificate", "copy", "reach"]


async def _require(client: Client, word: str) -> None:
    """Raise `ApiFailure` unless what `pod`, `pod/name` or `node/name` means is there."""
    kind_word, slash, name = word.partition("/")
    kind = kind_named(kind_word) if slash else KIND["Pod"]
    await client.get(kind, client.namespace if kind.namespaced else "", name if slash else word)


async def reach(_call: Call, client: Client, *, what: str) -> int:
    """Attach to, debug or forward ports to something."""
    if not client.flags.words:
        raise Exit(1, f"error: NAME or TYPE/NAME is required for {what}")
    await _require(client, client.flags.words[0])
    raise NotSimulated(f"kubectl {what}")


async def copy(_call: Call, client: Client) -> int:
    """Copy files from or to a pod."""
    words = client.flags.words
    if len(words) != 2:
        raise Exit(1, "error: source and destination are required")
    there = [word for word in words if ":" in word and not word.startswith(("/", "."))]
    if len(there) != 1:
        raise Exit(1, "error: one of src or dest must be a local file specification")
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
