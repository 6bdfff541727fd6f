"""kubectl's subcommands: their functions, and those of their flags that are simulated.

The kinds of most flags (a number, a duration) stand in kubectl's own help pages: `manual.typed`.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.deferred import Deferred
from lab.cluster.sim.commands.golang.command_line import declared
from lab.cluster.sim.commands.kubectl.client import Client

__all__ = ["COMMANDS", "GLOBAL"]

Command = Callable[[Call, Client], Awaitable[int]]

#: The flags of all subcommands.
GLOBAL = declared(
    string="namespace/n request-timeout kubeconfig context as as-group v/v cluster user server/s cache-dir",
    bool="insecure-skip-tls-verify warnings-as-errors help/h",
)
_SELECT = declared(string="selector/l field-selector filename/f output/o kustomize/k")
_EVERYWHERE = declared(bool="all-namespaces/A all recursive/R local")
_DRY = declared(optional="dry-run:unchanged")
_LIST = _SELECT | _EVERYWHERE
_WRITE = _LIST | declared(
    string="field-manager template",
    bool="validate save-config overwrite show-managed-fields force-conflicts",
)
_CHANGE = _WRITE | _DRY
#: Of `kubectl create KIND`, all kinds together.
_CREATE = declared(
    string="image replicas/r port from-literal from-file from-env-file node-port external-name raw tcp type"
    " clusterip verb resource clusterrole role serviceaccount user group duration resource-name schedule restart"
    " rule class hard min-available max-unavailable value description preemption-policy cert key docker-username"
    " docker-password docker-email docker-server",
    bool="global-default",
)
_CONTAINER = declared(string="container/c")
_STREAMS = declared(bool="stdin/i tty/t quiet/q")


def _of(module: str, name: str) -> Deferred:
    return Deferred(f"lab.cluster.sim.commands.kubectl.{module}", name)


#: Subcommand -> its function and its flags.
COMMANDS: dict[str, tuple[Command, dict[str, str]]] = {
    "get": (
        _of("get", "get"),
        _LIST
        | declared(
            string="raw sort-by label-columns/L chunk-size template subresource",
            bool="no-headers show-labels watch/w watch-only ignore-not-found show-kind output-watch-events",
        ),
    ),
    "apply": (_of("write", "apply"), _CHANGE | declared(string="timeout", bool="server-side force prune wait")),
    "create": (_of("create", "create"), _CHANGE | _CREATE),
    "replace": (_of("write", "replace"), _CHANGE | declared(string="raw grace-period timeout", bool="force wait")),
    "delete": (
        _of("write", "delete"),
        _LIST
        | _DRY
        | declared(
            string="grace-period timeout raw",
            bool="ignore-not-found wait force now",
            optional="cascade:background",
        ),
    ),
    "label": (_of("change", "label"), _CHANGE | declared(string="resource-version", bool="list")),
    "annotate": (_of("change", "annotate"), _CHANGE | declared(string="resource-version", bool="list")),
    "scale": (_of("change", "scale"), _CHANGE | declared(string="replicas current-replicas timeout")),
    "patch": (_of("change", "patch"), _CHANGE | declared(string="patch/p type patch-file subresource")),
    "set": (
        _of("set_", "set_"),
        _CHANGE | declared(string="containers/c limits requests user group serviceaccount", bool="list"),
    ),
    "edit": (_of("edit", "edit"), _WRITE),
    "cordon": (partial(_of("change", "cordon"), on=True), _SELECT | _DRY),
    "uncordon": (partial(_of("change", "cordon"), on=False), _SELECT | _DRY),
    "drain": (
        _of("drain", "drain"),
        _SELECT
        | _DRY
        | declared(string="grace-period timeout", bool="ignore-daemonsets delete-emptydir-data force"),
    ),
    "taint": (_of("change", "taint"), _CHANGE),
    "rollout": (
        _of("rollout", "rollout"),
        _LIST | _DRY | declared(string="timeout to-revision revision", bool="watch/w"),
    ),
    "wait": (_of("wait", "wait"), _LIST | declared(string="for timeout")),
    "logs": (
        _of("pods", "logs"),
        _CONTAINER
        | declared(
            string="selector/l tail since limit-bytes max-log-requests",
            bool="follow/f previous/p timestamps prefix all-containers ignore-errors",
        ),
    ),
    "exec": (
        _of("pods", "exec_"),
        _CONTAINER | _STREAMS | declared(string="filename/f pod-running-timeout"),
    ),
    "run": (
        _of("run", "run"),
        {key: told for key, told in _CHANGE.items() if key != "-l"}
        | _STREAMS
        | declared(
            string="labels/l image restart port env overrides annotations pod-running-timeout image-pull-policy",
            bool="command privileged rm attach expose",
        ),
    ),
    "describe": (_of("describe", "describe"), _LIST | declared(bool="show-events")),
    "events": (_of("about", "events"), _LIST | declared(string="for types", bool="no-headers watch/w")),
    "expose": (
        _of("expose", "expose"),
        _CHANGE | declared(string="port target-port name type protocol cluster-ip"),
    ),
    "auth": (
        _of("about", "auth"),
        _LIST
        | _DRY
        | declared(
            string="subresource",
            bool="quiet/q list no-headers remove-extra-permissions remove-extra-subjects",
        ),
    ),
    "version": (_of("about", "version"), declared(string="output/o", bool="client")),
    "cluster-info": (
        _of("cluster_info", "cluster_info"),
        _EVERYWHERE | declared(string="output/o namespaces output-directory pod-running-timeout"),
    ),
    "proxy": (
        partial(_of("remote", "serve"), what="proxy"),
        declared(
            string="port/p address www/w www-prefix/P api-prefix unix-socket/u accept-hosts accept-paths"
            " reject-methods reject-paths keepalive",
            bool="disable-filter append-server-path",
        ),
    ),
    "explain": (_of("explain", "explain"), declared(string="api-version output/o", bool="recursive")),
    "api-resources": (
        _of("about", "api_resources"),
        declared(string="output/o api-group verbs sort-by categories", bool="namespaced no-headers cached"),
    ),
    "api-versions": (_of("about", "api_versions"), {}),
    "config": (
        _of("config", "config"),
        declared(
            string="output/o certificate-authority client-certificate client-key token",
            bool="minify raw current no-headers",
        ),
    ),
    "top": (_of("about", "top"), _LIST),
    "attach": (partial(_of("remote", "reach"), what="attach"), _CONTAINER | _STREAMS),
    "port-forward": (_of("remote", "forward"), declared(string="address pod-running-timeout")),
    "debug": (
        partial(_of("remote", "reach"), what="debug"),
        _CONTAINER | _STREAMS | declared(string="image target profile copy-to"),
    ),
    "cp": (_of("remote", "copy"), _CONTAINER | declared(string="retries", bool="no-preserve")),
    "autoscale": (_of("expose", "autoscale"), _CHANGE | declared(string="max min cpu-percent cpu name")),
    "diff": (_of("diff", "diff"), _WRITE | declared(bool="server-side")),
    "kustomize": (_of("kustomize", "kustomize"), declared(string="output/o env/e load-restrictor")),
    "options": (_of("about", "options"), {}),
    "completion": (_of("about", "completion"), {}),
    "plugin": (_of("about", "plugins"), declared(bool="name-only")),
    "alpha": (_of("about", "alpha"), {}),
    "certificate": (_of("remote", "certificate"), _SELECT | declared(bool="force")),
}
