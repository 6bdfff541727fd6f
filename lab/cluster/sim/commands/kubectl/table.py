"""kubectl's subcommands: what does them, and their flags."""

from collections.abc import Awaitable, Callable
from functools import partial

from lab.cluster.sim.call import Call, NotSimulated
from lab.cluster.sim.commands.kubectl import (
    about,
    change,
    config,
    create,
    describe,
    edit,
    get,
    pods,
    remote,
    rollout,
    run,
    set_,
    write,
)
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.cluster_info import cluster_info
from lab.cluster.sim.commands.kubectl.diff import diff
from lab.cluster.sim.commands.kubectl.drain import drain
from lab.cluster.sim.commands.kubectl.explain import explain
from lab.cluster.sim.commands.kubectl.expose import autoscale, expose
from lab.cluster.sim.commands.kubectl.flagsets import (
    CREATE,
    CREATE_SWITCHES,
    DRY,
    EVERYWHERE,
    IN_POD,
    IN_POD_SWITCHES,
    SELECT,
    WRITE,
    WRITE_SWITCHES,
)
from lab.cluster.sim.commands.kubectl.kustomize import kustomize
from lab.cluster.sim.commands.kubectl.wait import wait

__all__ = ["COMMANDS"]

Command = Callable[[Call, Client], Awaitable[int]]


async def _kustomize(call: Call, client: Client) -> int:
    if client.flags.given("output") or client.flags.given("ignored"):
        raise NotSimulated("kubectl kustomize with flags")
    return await kustomize(call, client.flags.words)


#: Subcommand -> (function, flags with values, switches, flags whose value is optional).
COMMANDS: dict[str, tuple[Command, dict[str, str], dict[str, str], dict[str, str]]] = {
    "get": (
        get.get,
        {
            **SELECT,
            "--raw": "raw",
            "--sort-by": "sort-by",
            "-L": "label-columns",
            "--label-columns": "label-columns",
            "--chunk-size": "chunk-size",
            "--template": "template",
            "--subresource": "subresource",
        },
        {
            **EVERYWHERE,
            "--no-headers": "no-headers",
            "--show-labels": "show-labels",
            "-w": "watch",
            "--watch": "watch",
            "--watch-only": "watch-only",
            "--ignore-not-found": "ignore-not-found",
            "--show-kind": "show-kind",
            "--output-watch-events": "output-watch-events",
        },
        {},
    ),
    "apply": (
        write.apply,
        {**WRITE, "-k": "kustomize", "--timeout": "timeout"},
        {
            **WRITE_SWITCHES,
            "--server-side": "server-side",
            "--force": "force",
            "--prune": "prune",
            "--wait": "wait",
        },
        DRY,
    ),
    "create": (create.create, {**WRITE, **CREATE}, {**WRITE_SWITCHES, **CREATE_SWITCHES}, DRY),
    "replace": (
        write.replace,
        {**WRITE, "--raw": "raw", "--grace-period": "grace-period", "--timeout": "timeout"},
        {**WRITE_SWITCHES, "--force": "force", "--wait": "wait"},
        DRY,
    ),
    "delete": (
        write.delete,
        {**SELECT, "--grace-period": "grace-period", "--timeout": "timeout", "--raw": "raw"},
        {
            **EVERYWHERE,
            "--ignore-not-found": "ignore-not-found",
            "--wait": "wait",
            "--force": "force",
            "--now": "now",
        },
        {**DRY, "--cascade": "cascade:background"},
    ),
    "label": (change.label, {**WRITE, "--resource-version": "rv"}, {**WRITE_SWITCHES, "--list": "list"}, DRY),
    "annotate": (
        change.annotate,
        {**WRITE, "--resource-version": "rv"},
        {**WRITE_SWITCHES, "--list": "list"},
        DRY,
    ),
    "scale": (
        change.scale,
        {**WRITE, "--replicas": "replicas", "--current-replicas": "current-replicas", "--timeout": "timeout"},
        WRITE_SWITCHES,
        DRY,
    ),
    "patch": (
        change.patch,
        {
            **WRITE,
            "-p": "patch",
            "--patch": "patch",
            "--type": "type",
            "--patch-file": "patch-file",
            "--subresource": "subresource",
        },
        WRITE_SWITCHES,
        DRY,
    ),
    "set": (
        set_.set_,
        {
            **WRITE,
            "-c": "containers",
            "--containers": "containers",
            "--limits": "limits",
            "--requests": "requests",
            "--user": "user",
            "--group": "group",
            "--serviceaccount": "serviceaccount",
        },
        {**WRITE_SWITCHES, "--list": "list"},
        DRY,
    ),
    "edit": (edit.edit, WRITE, WRITE_SWITCHES, {}),
    "cordon": (partial(change.cordon, on=True), SELECT, {}, DRY),
    "uncordon": (partial(change.cordon, on=False), SELECT, {}, DRY),
    "drain": (
        drain,
        {**SELECT, "--grace-period": "grace-period", "--timeout": "timeout"},
        {
            "--ignore-daemonsets": "ignore-daemonsets",
            "--delete-emptydir-data": "delete-emptydir-data",
            "--force": "force",
        },
        DRY,
    ),
    "taint": (change.taint, WRITE, WRITE_SWITCHES, DRY),
    "rollout": (
        rollout.rollout,
        {**SELECT, "--timeout": "timeout", "--to-revision": "to-revision", "--revision": "revision"},
        {**EVERYWHERE, "-w": "watch", "--watch": "watch"},
        DRY,
    ),
    "wait": (wait, {**SELECT, "--for": "for", "--timeout": "timeout"}, EVERYWHERE, {}),
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
            **WRITE,
            "--image": "image",
            "--restart": "restart",
            "--port": "port",
            "--env": "env",
            "-l": "labels",
            "--labels": "labels",
            "--overrides": "overrides",
            "--annotations": "annotations",
            "--pod-running-timeout": "timeout",
            "--image-pull-policy": "image-pull-policy",
        },
        {
            **WRITE_SWITCHES,
            "--command": "command",
            "--privileged": "privileged",
            "--rm": "rm",
            "-i": "stdin",
            "--stdin": "stdin",
            "-t": "tty",
            "--tty": "tty",
            "--attach": "attach",
            "--expose": "expose",
            "-q": "quiet",
            "--quiet": "quiet",
        },
        DRY,
    ),
    "describe": (describe.describe, SELECT, {**EVERYWHERE, "--show-events": "show-events"}, {}),
    "events": (
        about.events,
        {**SELECT, "--for": "for", "--types": "types"},
        {**EVERYWHERE, "--no-headers": "no-headers", "-w": "watch", "--watch": "watch"},
        {},
    ),
    "expose": (
        expose,
        {
            **WRITE,
            "--port": "port",
            "--target-port": "target-port",
            "--name": "name",
            "--type": "type",
            "--protocol": "protocol",
            "--cluster-ip": "cluster-ip",
        },
        WRITE_SWITCHES,
        DRY,
    ),
    "auth": (
        about.auth,
        {**SELECT, "--subresource": "subresource"},
        {
            **EVERYWHERE,
            "-q": "quiet",
            "--quiet": "quiet",
            "--list": "list",
            "--no-headers": "no-headers",
            "--remove-extra-permissions": "remove-extra-permissions",
            "--remove-extra-subjects": "remove-extra-subjects",
        },
        DRY,
    ),
    "version": (about.version, {"-o": "output", "--output": "output"}, {"--client": "client"}, {}),
    "cluster-info": (
        cluster_info,
        {
            "-o": "output",
            "--output": "output",
            "--namespaces": "namespaces",
            "--output-directory": "output-directory",
            "--pod-running-timeout": "timeout",
        },
        EVERYWHERE,
        {},
    ),
    "proxy": (
        partial(remote.serve, what="proxy"),
        {
            "-p": "port",
            "--port": "port",
            "--address": "address",
            "-w": "www",
            "--www": "www",
            "-P": "www-prefix",
            "--www-prefix": "www-prefix",
            "--api-prefix": "api-prefix",
            "-u": "unix-socket",
            "--unix-socket": "unix-socket",
            "--accept-hosts": "accept-hosts",
            "--accept-paths": "accept-paths",
            "--reject-methods": "reject-methods",
            "--reject-paths": "reject-paths",
            "--keepalive": "keepalive",
        },
        {"--disable-filter": "disable-filter", "--append-server-path": "append-server-path"},
        {},
    ),
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
            "--categories": "categories",
        },
        {"--namespaced": "namespaced", "--no-headers": "no-headers", "--cached": "cached"},
        {},
    ),
    "api-versions": (about.api_versions, {}, {}, {}),
    "config": (
        config.config,
        {"-o": "output", "--output": "output"},
        {"--minify": "minify", "--raw": "raw", "--current": "current", "--no-headers": "no-headers"},
        {},
    ),
    "top": (about.top, SELECT, EVERYWHERE, {}),
    "attach": (partial(remote.reach, what="attach"), IN_POD, IN_POD_SWITCHES, {}),
    "port-forward": (remote.forward, {"--address": "address", "--pod-running-timeout": "timeout"}, {}, {}),
    "debug": (
        partial(remote.reach, what="debug"),
        {**IN_POD, "--image": "image", "--target": "target", "--profile": "profile", "--copy-to": "copy-to"},
        IN_POD_SWITCHES,
        {},
    ),
    "cp": (remote.copy, {**IN_POD, "--retries": "retries"}, {"--no-preserve": "no-preserve"}, {}),
    "autoscale": (
        autoscale,
        {
            **WRITE,
            "--max": "max",
            "--min": "min",
            "--cpu-percent": "cpu-percent",
            "--cpu": "cpu",
            "--name": "name",
        },
        WRITE_SWITCHES,
        DRY,
    ),
    "diff": (diff, WRITE, {**WRITE_SWITCHES, "--server-side": "server-side"}, {}),
    "kustomize": (
        _kustomize,
        {"-o": "output", "--output": "output", **dict.fromkeys(("--load-restrictor", "-e", "--env"), "ignored")},
        {},
        {},
    ),
    "options": (about.options, {}, {}, {}),
    "completion": (about.completion, {}, {}, {}),
    "plugin": (about.plugins, {}, {"--name-only": "name-only"}, {}),
    "alpha": (about.alpha, {}, {}, {}),
    "certificate": (remote.certificate, SELECT, {"--force": "force"}, {}),
}
