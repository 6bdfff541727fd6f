"""kubectl version, cluster-info, api-resources, config, auth, events, top."""

import fnmatch
import json

from cryptography.hazmat.primitives.hashes import SHA256

from lab.cluster.sim.api.apiserver import ADMIN, ANONYMOUS, Request
from lab.cluster.sim.api.discovery import VERSION, version_info
from lab.cluster.sim.api.kinds import KIND, KINDS, find
from lab.cluster.sim.api.objects import Object, namespace_of, parse_time, stamp
from lab.cluster.sim.api.rbac import bound, groups_of
from lab.cluster.sim.api.tables import table
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.golang.goyaml import as_yaml
from lab.cluster.sim.commands.kubectl import manual
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.output import columns, structured
from lab.cluster.sim.commands.kubectl.reconcile import reconcile
from lab.cluster.sim.commands.kubectl.signing_in import settings_of
from lab.cluster.sim.pki.reading import certificates

_VERBS = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind",
          "impersonate", "*", "approve", "sign", "escalate", "attest", "proxy"}  # fmt: skip

__all__ = [
    "alpha",
    "api_resources",
    "api_versions",
    "auth",
    "completion",
    "events",
    "options",
    "plugins",
    "top",
    "version",
]


async def version(call: Call, client: Client) -> int:
    """Print the versions of client and server."""
    if client.flags.words:
        raise Exit(1, f"error: extra arguments: [{' '.join(client.flags.words)}]")
    form = client.flags.get("output")
    if form not in {"", "json", "yaml"}:
        raise Exit(1, "error: --output must be 'yaml' or 'json'")
    if form:
        server = version_info()
        own = {key: value for key, value in server.items() if not key.startswith(("emulation", "minCompat"))}
        told: Object = {"clientVersion": own, "kustomizeVersion": "v5.7.1"}
        if not client.flags.on("client"):
            await client.send(Request("GET", "/version"))
            told["serverVersion"] = server
        await call.out(as_yaml(told) + "\n" if form == "yaml" else json.dumps(told, indent=2) + "\n")
        return 0
    await call.out(f"Client Version: {VERSION}\nKustomize Version: v5.7.1\n")
    if not client.flags.on("client"):
        await client.send(Request("GET", "/version"))
        await call.line(f"Server Version: {VERSION}")
    return 0


async def api_resources(call: Call, client: Client) -> int:
    """Print the server's kinds."""
    flags = client.flags
    if flags.words:
        raise Exit(1, f"error: unexpected arguments: [{' '.join(flags.words)}]\n"
                      "See 'kubectl api-resources -h' for help and examples")  # fmt: skip
    if flags.get("output") not in {"", "name", "wide", "json", "yaml"}:
        raise Exit(1, f'error: unable to match a printer suitable for the output format "{flags.get("output")}", '
                      "allowed formats are: json,name,wide,yaml")  # fmt: skip
    if flags.get("sort-by") not in {"", "name", "kind"}:
        raise Exit(1, "error: --sort-by accepts only name or kind")
    if flags.get("output") in {"json", "yaml"}:
        raise NotSimulated(f"kubectl api-resources -o {flags.get('output')}")
    await client.send(Request("GET", "/apis"))
    chosen = [
        kind
        for kind in KINDS
        if (not flags.given("namespaced") or kind.namespaced == flags.on("namespaced"))
        and (not flags.given("api-group") or kind.group == flags.get("api-group"))
        and set(filter(None, flags.get("categories").split(","))) <= set(kind.categories)
        and set(filter(None, flags.get("verbs").split(","))) <= set(kind.verbs.split(","))
    ]
    if flags.get("sort-by"):
        chosen.sort(key=lambda kind: kind.plural if flags.get("sort-by") == "name" else kind.kind)
    form = flags.get("output")
    if form == "name":
        await call.out("".join(f"{kind.full}\n" for kind in chosen))
        return 0
    wide = form == "wide"
    head = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", *(["VERBS", "CATEGORIES"] if wide else [])]
    rows = [] if flags.on("no-headers") else [head]
    for kind in chosen:
        row = [kind.plural, ",".join(kind.short), kind.api_version, str(kind.namespaced).lower(), kind.kind]
        rows.append([*row, kind.verbs, ",".join(kind.categories)] if wide else row)
    await call.out(columns(rows))
    return 0


async def api_versions(call: Call, client: Client) -> int:
    """Print the server's API versions."""
    if client.flags.words:
        raise Exit(1, f"error: unexpected arguments: [{' '.join(client.flags.words)}]\n"
                      "See 'kubectl api-versions -h' for help and examples")  # fmt: skip
    await client.send(Request("GET", "/apis"))
    await call.out(
        "".join(f"{name}\n" for name in sorted({"autoscaling/v1", *(kind.api_version for kind in KINDS)}))
    )
    return 0


async def auth(call: Call, client: Client) -> int:
    """Print what a user may do."""
    words = client.flags.words
    if words[:1] == ["whoami"]:
        return await _whoami(call, client)
    if words[:1] == ["reconcile"]:
        return await reconcile(call, client)
    if words[:1] != ["can-i"]:
        raise NotSimulated(f"kubectl auth {' '.join(words[:1])}".strip())
    if client.flags.on("list"):
        await client.send(Request("GET", "/api/v1/namespaces"))
        if client.user != ADMIN:
            raise NotSimulated("kubectl auth can-i --list --as")
        await call.out(columns(_admins_rules(with_head=not client.flags.on("no-headers"))))
        return 0
    if len(words) not in {3, 4}:
        raise Exit(1, "error: you must specify two arguments: verb resource or verb resource/resourceName.\n"
                      "See 'kubectl auth can-i -h' for help and examples.")  # fmt: skip
    return await _can_i(call, client, words[1], words[2])


async def _whoami(call: Call, client: Client) -> int:
    words = client.flags.words
    if words[1:]:
        raise Exit(1, f"error: unexpected arguments: [{' '.join(words[1:])}]\n"
                      "See 'kubectl auth whoami -h' for help and examples")  # fmt: skip
    await Client(call, client.flags)._reach()  # noqa: SLF001 -- the same program
    asked = client.flags.all("as-group") or client.own[1]
    found = [*asked, *groups_of(client.user)] if client.user != ADMIN else [
        "kubeadm:cluster-admins", "system:authenticated"
    ]  # fmt: skip
    if form := client.flags.get("output"):
        about = {"groups": found, "username": client.user}
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview",
                  "metadata": {"creationTimestamp": stamp(call.now())},
                  "status": {"userInfo": about}}  # fmt: skip
        await call.out(structured(form, review, [review], [KIND["SelfSubjectReview"]]))
        return 0
    groups = f"[{' '.join(found)}]"
    rows = [["ATTRIBUTE", "VALUE"], ["Username", client.user], ["Groups", groups]]
    settings = settings_of(call.files, client.kubeconfig)
    signed = certificates(settings.certificate) if settings is not None and not client.flags.get("as") else ()
    if signed:
        digest = signed[0].fingerprint(SHA256()).hex()
        rows.append(["Extra: authentication.kubernetes.io/credential-id", f"[X509SHA256={digest}]"])
    await call.out(columns(rows))
    return 0


async def _can_i(call: Call, client: Client, verb: str, what: str) -> int:
    asker = Client(call, client.flags)
    await asker._reach()  # noqa: SLF001 -- the same program
    asker._config()  # noqa: SLF001
    own, own_groups = client.own
    user = client.flags.get("as") or ("" if own == ADMIN else own)
    client.require_user("error")
    if call.plane.api_state() == "warming" and not user:
        if not client.flags.on("quiet"):
            await call.line("no")
        return 1
    if user == ANONYMOUS:
        reviews = "selfsubjectaccessreviews"
        raise Exit(
            1,
            f'Error from server (Forbidden): {reviews}.authorization.k8s.io is forbidden: User "{user}" '
            f'cannot create resource "{reviews}" in API group "authorization.k8s.io" at the cluster scope',
        )
    if sub := client.flags.get("subresource"):
        what = f"{what.partition('/')[0]}/{sub}"
    kind = find(what.partition("/")[0])
    if kind is None and what != "*" and not what.startswith("/"):
        await call.err(f"Warning: the server doesn't have a resource type '{what}'\n\n")
    elif kind is not None and not kind.namespaced and not client.flags.on("all-namespaces"):
        await call.err(f"Warning: resource '{kind.plural}' is not namespace scoped\n\n")
    if verb not in _VERBS:
        await call.err(f"Warning: verb '{verb}' is not a known verb\n\n")
    groups = client.flags.all("as-group") or own_groups
    allowed = call.plane.api.open_to_all or _may(user, groups, verb, what)
    if not allowed and user != ANONYMOUS and not what.startswith("/"):
        resource, _, name = what.partition("/")
        plural, group = (
            (kind.plural, kind.group) if kind is not None else (resource, "*" if resource == "*" else "")
        )
        namespace = "" if client.flags.on("all-namespaces") or (kind and not kind.namespaced) else client.namespace
        allowed = bound(call.plane.store, user, groups, (verb, group, plural, namespace), name)
    if not client.flags.on("quiet"):
        await call.line("yes" if allowed else "no")
    return 0 if allowed else 1


def _admins_rules(*, with_head: bool) -> list[list[str]]:
    """Return an administrator's rights (everything, by one rule) and everybody's, by kubeadm's rules."""
    rows = [["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]] if with_head else []
    rows += [["*.*", "[]", "[]", "[*]"], ["", "[*]", "[]", "[*]"]]
    own = ["selfsubjectreviews.authentication", "selfsubjectaccessreviews.authorization",
           "selfsubjectrulesreviews.authorization"]  # fmt: skip
    rows += [[f"{name}.k8s.io", "[]", "[]", "[create]"] for name in own]
    discovery = ["/api/*", "/api", "/apis/*", "/apis", "/healthz", "/healthz", "/livez", "/livez", "/openapi/*",
                 "/openapi", "/readyz", "/readyz", "/version/", "/version/", "/version", "/version"]  # fmt: skip
    return [*rows, *(["", f"[{path}]", "[]", "[get]"] for path in discovery)]


def _may(user: str, groups: list[str], verb: str, what: str) -> bool:
    """RBAC as kubeadm sets it up: administrators may do everything, others almost nothing."""
    if (
        not user
        or user in {ADMIN, "kubernetes-super-admin"}
        or {"system:masters", "kubeadm:cluster-admins"} & set(groups)
    ):
        return True
    if what.startswith("/"):
        public = ("/healthz", "/livez", "/readyz", "/version", "/version/")
        discovery = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")
        known = public if user == ANONYMOUS else (*public, *discovery)
        return verb == "get" and any(fnmatch.fnmatch(what, pattern) for pattern in known)
    own = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}
    return user != ANONYMOUS and verb == "create" and what.partition(".")[0] in own


async def events(call: Call, client: Client) -> int:
    """Print events, oldest first."""
    flags = client.flags
    everywhere = flags.on("all-namespaces")
    items = await client.list(KIND["Event"], "" if everywhere else client.namespace)
    wanted = flags.get("for")
    if wanted:
        kind, slash, name = wanted.partition("/")
        found = find(kind)
        if not slash:
            raise Exit(1, "error: --for must be in resource/name form")
        if found is None:
            raise Exit(1, f'the server doesn\'t have a resource type "{kind}"')
        items = [i for i in items if i["involvedObject"].get("name") == name and found and
                 i["involvedObject"].get("kind") == found.kind]  # fmt: skip
    if flags.given("types"):
        types = {one.lower() for one in flags.get("types").split(",")}
        if types - {"normal", "warning"}:
            raise Exit(1, "error: valid --types are Normal or Warning")
        items = [item for item in items if item["type"].lower() in types]
    items.sort(key=lambda item: parse_time(item["lastTimestamp"]))
    if not items:
        await call.err(
            "No events found.\n" if everywhere else f"No events found in {client.namespace} namespace.\n"
        )
        return 0
    if form := flags.get("output"):
        listed = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
        await call.out(structured(form, listed, items, [KIND["Event"]] * len(items)))
        return 0
    shown = table(KIND["Event"], items, call.now())
    cells = [[str(row["cells"][i]) for i in (0, 1, 2, 3, 6)] for row in shown["rows"]]
    if everywhere:
        cells = [[namespace_of(item), *row] for item, row in zip(items, cells, strict=True)]
    head = [*(["NAMESPACE"] if everywhere else []), "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    for row, item in zip(cells, items, strict=True):
        row[-2] = f"{item['involvedObject']['kind']}/{item['involvedObject'].get('name', '')}"
    await call.out(columns(cells if flags.on("no-headers") else [head, *cells]))
    return 0


async def top(call: Call, client: Client) -> int:
    """Report that there is no metrics server."""
    await client.send(Request("GET", "/apis"))
    return await call.fail("error: Metrics API not available")


async def options(call: Call, _client: Client) -> int:
    """Print the flags of all commands."""
    await call.out(manual.page("options"))
    return 0


async def completion(call: Call, client: Client) -> int:
    """Print a shell's completion script; the simulated shell completes by itself."""
    words = client.flags.words
    if not words or words[0] not in {"bash", "zsh", "fish", "powershell"}:
        told = f'Unsupported shell type "{words[0]}".' if words else "Shell not specified."
        raise Exit(1, f"error: {told}\nSee 'kubectl completion -h' for help and examples")
    await call.line(f"\n# {words[0]} completion for kubectl")
    return 0


async def plugins(call: Call, _client: Client) -> int:
    """Report that there are no plugins."""
    return await call.fail("error: unable to find any kubectl plugins in your PATH")


async def alpha(call: Call, _client: Client) -> int:
    """Report that there are no such commands."""
    await call.err("No alpha commands are available in this version of kubectl\n")
    return 0
