"""kubectl: its subcommands and their flags."""

from collections.abc import Awaitable, Callable
from functools import partial

from lab.cluster.sim.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, UnknownFlag, parse
from lab.cluster.sim.commands.kubectl import (
    about,
    change,
    create,
    describe,
    edit,
    get,
    manual,
    pods,
    rollout,
    run,
    write,
)
from lab.cluster.sim.commands.kubectl.client import ApiFailure, Client
from lab.cluster.sim.commands.kubectl.explain import explain

__all__ = ["kubectl"]

_GLOBAL = {
    "-n": "namespace",
    "--namespace": "namespace",
    "--request-timeout": "request-timeout",
    "--kubeconfig": "kubeconfig",
    "--context": "context",
    "--as": "as",
    "--as-group": "as-group",
    "-v": "verbose",
    "--v": "verbose",
    "--cluster": "cluster",
    "--user": "user",
    "-s": "server",
    "--server": "server",
    "--cache-dir": "cache-dir",
}
_GLOBAL_SWITCHES = {"--insecure-skip-tls-verify": "insecure", "--warnings-as-errors": "warnings-as-errors",
                    "-h": "help", "--help": "help"}  # fmt: skip
_SELECT = {"-l": "selector", "--selector": "selector", "--field-selector": "field-selector", "-f": "filename",
           "--filename": "filename", "-o": "output", "--output": "output"}  # fmt: skip
_EVERYWHERE = {"-A": "all-namespaces", "--all-namespaces": "all-namespaces", "--all": "all", "-R": "recursive",
               "--recursive": "recursive", "--local": "local"}  # fmt: skip
_DRY = {"--dry-run": "dry-run:unchanged"}
_WRITE = {**_SELECT, "--field-manager": "field-manager", "--template": "template"}
_WRITE_SWITCHES = {
    **_EVERYWHERE,
    "--validate": "validate",
    "--save-config": "save-config",
    "--overwrite": "overwrite",
    "--show-managed-fields": "show-managed-fields",
    "--force-conflicts": "force-conflicts",
}
_CREATE = {
    "--image": "image",
    "--replicas": "replicas",
    "--port": "port",
    "--from-literal": "from-literal",
    "--from-file": "from-file",
    "--raw": "raw",
    "--tcp": "tcp",
    "--type": "type",
    "--clusterip": "clusterip",
    "-r": "replicas",
    "--verb": "verb",
    "--resource": "resource",
    "--clusterrole": "clusterrole",
    "--role": "role",
    "--serviceaccount": "serviceaccount",
    "--user": "user",
    "--group": "group",
    "--duration": "duration",
    "--resource-name": "resource-name",
}

_Command = Callable[[Call, Client], Awaitable[int]]
#: Subcommand -> (function, flags with values, switches, flags whose value is optional).
_COMMANDS: dict[str, tuple[_Command, dict[str, str], dict[str, str], dict[str, str]]] = {
    "get": (
        get.get,
        {
            **_SELECT,
            "--raw": "raw",
            "--sort-by": "sort-by",
            "-L": "label-columns",
            "--label-columns": "label-columns",
            "--chunk-size": "chunk-size",
            "--template": "template",
            "--subresource": "subresource",
        },
        {
            **_EVERYWHERE,
            "--no-headers": "no-headers",
            "--show-labels": "show-labels",
            "-w": "watch",
            "--watch": "watch",
            "--watch-only": "watch-only",
            "--ignore-not-found": "ignore-not-found",
            "--show-kind": "show-kind",
            "--show-managed-fields": "show-managed-fields",
        },
        {},
    ),
    "apply": (
        write.apply,
        {**_WRITE, "-k": "kustomize", "--timeout": "timeout"},
        {
            **_WRITE_SWITCHES,
            "--server-side": "server-side",
            "--force": "force",
            "--prune": "prune",
            "--wait": "wait",
        },
        _DRY,
    ),
    "create": (create.create, {**_WRITE, **_CREATE}, _WRITE_SWITCHES, _DRY),
    "replace": (
        write.replace,
        {**_WRITE, "--raw": "raw", "--grace-period": "grace-period", "--timeout": "timeout"},
        {**_WRITE_SWITCHES, "--force": "force", "--wait": "wait"},
        _DRY,
    ),
    "delete": (
        write.delete,
        {**_SELECT, "--grace-period": "grace-period", "--timeout": "timeout", "--raw": "raw"},
        {
            **_EVERYWHERE,
            "--ignore-not-found": "ignore-not-found",
            "--wait": "wait",
            "--force": "force",
            "--now": "now",
        },
        {**_DRY, "--cascade": "cascade:background"},
    ),
    "label": (change.label, {**_WRITE, "--resource-version": "rv"}, {**_WRITE_SWITCHES, "--list": "list"}, _DRY),
    "annotate": (
        change.annotate,
        {**_WRITE, "--resource-version": "rv"},
        {**_WRITE_SWITCHES, "--list": "list"},
        _DRY,
    ),
    "scale": (
        change.scale,
        {**_WRITE, "--replicas": "replicas", "--current-replicas": "current-replicas", "--timeout": "timeout"},
        _WRITE_SWITCHES,
        _DRY,
    ),
    "patch": (
        change.patch,
        {
            **_WRITE,
            "-p": "patch",
            "--patch": "patch",
            "--type": "type",
            "--patch-file": "patch-file",
            "--subresource": "subresource",
        },
        _WRITE_SWITCHES,
        _DRY,
    ),
    "set": (change.set_, {**_WRITE, "-c": "containers", "--containers": "containers"}, _WRITE_SWITCHES, _DRY),
    "edit": (edit.edit, _WRITE, _WRITE_SWITCHES, {}),
    "cordon": (partial(change.cordon, on=True), _SELECT, {}, _DRY),
    "uncordon": (partial(change.cordon, on=False), _SELECT, {}, _DRY),
    "drain": (
        create.drain,
        {**_SELECT, "--grace-period": "grace-period", "--timeout": "timeout"},
        {
            "--ignore-daemonsets": "ignore-daemonsets",
            "--delete-emptydir-data": "delete-emptydir-data",
            "--force": "force",
        },
        _DRY,
    ),
    "taint": (change.taint, _WRITE, _WRITE_SWITCHES, _DRY),
    "rollout": (
        rollout.rollout,
        {**_SELECT, "--timeout": "timeout", "--to-revision": "to-revision", "--revision": "revision"},
        {**_EVERYWHERE, "-w": "watch", "--watch": "watch"},
        _DRY,
    ),
    "wait": (rollout.wait, {**_SELECT, "--for": "for", "--timeout": "timeout"}, _EVERYWHERE, {}),
    "logs": (
        pods.logs,
        {
            "-l": "selector",
            "--selector": "selector",
            "-c": "container",
            "--container": "container",
            "--tail": "tail",
            "--since": "since",
            "--limit-bytes": "limit-bytes",
            "--max-log-requests": "max-log-requests",
        },
        {
            "-f": "follow",
            "--follow": "follow",
            "-p": "previous",
            "--previous": "previous",
            "--timestamps": "timestamps",
            "--prefix": "prefix",
            "--all-containers": "all-containers",
            "--ignore-errors": "ignore-errors",
        },
        {},
    ),
    "exec": (
        pods.exec_,
        {"-c": "container", "--container": "container", "-f": "filename", "--pod-running-timeout": "timeout"},
        {"-i": "stdin", "--stdin": "stdin", "-t": "tty", "--tty": "tty", "-q": "quiet", "--quiet": "quiet"},
        {},
    ),
    "run": (
        run.run,
        {
            **_WRITE,
            "--image": "image",
            "--restart": "restart",
            "--port": "port",
            "--env": "env",
            "-l": "labels",
            "--labels": "labels",
            "--overrides": "overrides",
            "--image-pull-policy": "image-pull-policy",
        },
        {
            **_WRITE_SWITCHES,
            "--command": "command",
            "--privileged": "privileged",
            "--rm": "rm",
            "-i": "stdin",
            "--stdin": "stdin",
            "-t": "tty",
            "--tty": "tty",
            "--attach": "attach",
            "-q": "quiet",
        },
        _DRY,
    ),
    "describe": (describe.describe, _SELECT, {**_EVERYWHERE, "--show-events": "show-events"}, {}),
    "events": (
        about.events,
        {**_SELECT, "--for": "for", "--types": "types"},
        {**_EVERYWHERE, "--no-headers": "no-headers", "-w": "watch", "--watch": "watch"},
        {},
    ),
    "expose": (
        create.expose,
        {
            **_WRITE,
            "--port": "port",
            "--target-port": "target-port",
            "--name": "name",
            "--type": "type",
            "--protocol": "protocol",
            "--cluster-ip": "cluster-ip",
        },
        _WRITE_SWITCHES,
        _DRY,
    ),
    "auth": (
        about.auth,
        _SELECT,
        {**_EVERYWHERE, "-q": "quiet", "--quiet": "quiet", "--list": "list", "--no-headers": "no-headers"},
        {},
    ),
    "version": (about.version, {"-o": "output", "--output": "output"}, {"--client": "client"}, {}),
    "cluster-info": (about.cluster_info, {}, {}, {}),
    "explain": (
        explain,
        {"--api-version": "api-version", "-o": "output", "--output": "output"},
        {"--recursive": "recursive"},
        {},
    ),
    "api-resources": (
        about.api_resources,
        {
            "-o": "output",
            "--output": "output",
            "--api-group": "api-group",
            "--verbs": "verbs",
            "--sort-by": "sort-by",
        },
        {"--namespaced": "namespaced", "--no-headers": "no-headers"},
        {},
    ),
    "api-versions": (about.api_versions, {}, {}, {}),
    "config": (
        about.config,
        {"-o": "output", "--output": "output"},
        {"--minify": "minify", "--raw": "raw", "--current": "current", "--no-headers": "no-headers"},
        {},
    ),
    "top": (about.top, _SELECT, _EVERYWHERE, {}),
}


async def kubectl(call: Call) -> int:
    """Run kubectl."""
    try:
        return await _run(call)
    except Exit as end:
        if end.message:
            await call.err(end.message + "\n")
        return end.code
    except ApiFailure as failure:
        await call.err(failure.told() + "\n")
        return 1


async def _run(call: Call) -> int:
    ahead, name, rest = _find_command(call.argv)
    told = await manual.consulted(call, ahead, name, rest)
    if told is not None:
        return told
    if name not in _COMMANDS:
        manual.require_words(name, rest, Flags(words=[word for word in rest if not word.startswith("-")]))
        raise NotSimulated(f"kubectl {name}")
    function, valued, switches, optional = _COMMANDS[name]
    try:
        flags: Flags = parse(
            [*ahead, *rest],
            {**_GLOBAL, **valued},
            {**_GLOBAL_SWITCHES, **switches},
            optional=optional,
            program=f"kubectl {name}",
        )
    except UnknownFlag as unknown:
        manual.require_flag(name, rest, unknown)
        raise
    except Exit as end:
        raise Exit(1, f"{end.message}\nSee 'kubectl {manual.deepest(name, rest)} --help' for usage.") from None
    manual.require_words(name, [*ahead, *rest], flags)
    context = flags.get("context")
    if context and context != f"kubernetes-admin@{call.world.name}":
        raise Exit(1, f"Error in configuration: context was not found for specified context: {context}")
    return await function(call, Client(call, flags))


def _find_command(argv: list[str]) -> tuple[list[str], str, list[str]]:
    """Split a command line into the flags in front, the subcommand, and the rest."""
    ahead: list[str] = []
    index = 0
    while index < len(argv):
        word = argv[index]
        if not word.startswith("-"):
            return ahead, word, argv[index + 1 :]
        if word in {"-h", "--help"} and not ahead:
            return [], word, []
        ahead.append(word)
        if "=" not in word and word in _GLOBAL and index + 1 < len(argv):
            index += 1
            ahead.append(argv[index])
        index += 1
    return ahead, "", []
