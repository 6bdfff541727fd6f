"""The flags of crictl's commands, each with its name and kind."""

from lab.cluster.sim.commands.golang.command_line import declared

__all__ = ["GLOBAL", "OWN"]


GLOBAL = declared(
    string="config/c runtime-endpoint/r image-endpoint/i tracing-endpoint profile-cpu profile-mem",
    duration="timeout/t",
    int="tracing-sampling-rate-per-million",
    bool="debug/D enable-tracing version/v",
)
_STATUS = declared(string="output/o template", bool="quiet/q")
_FILTERS = "id name label namespace state/s"
OWN = {
    "attach": declared(bool="stdin/i tty/t", string="transport/r tls-sni tls-ca tls-cert tls-key"),
    "checkpoint": declared(string="export/e"),
    "config": declared(string="get set", bool="list"),
    "create": declared(
        string="auth username/u creds annotation", bool="with-pull no-pull",
        duration="cancel-timeout/T pull-timeout",
    ),
    "events": declared(string="output/o template"),
    "exec": declared(
        string="transport/r image label name pod/p state tls-sni tls-ca tls-cert tls-key",
        int="timeout last/n",
        bool="sync/s tty/t interactive/i quiet/q ignore-errors/e parallel/x latest/l",
    ),
    "imagefsinfo": declared(string="output/o template"),
    "images": declared(string="output/o filter/f", bool="verbose/v quiet/q digests no-trunc pinned"),
    "info": _STATUS,
    "inspect": {
        **_STATUS,
        **declared(string="id name label image namespace pod/p state/s", int="last/n", bool="all/a latest/l"),
    },
    "inspecti": {**_STATUS, **declared(string="filter/f name")},
    "inspectp": {**_STATUS, **declared(string="id name label namespace state/s", int="last/n", bool="latest/l")},
    "logs": declared(
        string="since stream/s", int="tail limit-bytes", bool="follow/f previous/p reopen/r timestamps/t",
    ),
    "metricsp": {},
    "pods": declared(string=f"{_FILTERS} output/o", int="last/n", bool="verbose/v quiet/q no-trunc latest/l"),
    "port-forward": declared(string="transport/r tls-sni tls-ca tls-cert tls-key address"),
    "ps": declared(
        string=f"{_FILTERS} pod/p image output/o",
        int="last/n",
        bool="verbose/v quiet/q no-trunc all/a latest/l resolve-image-path/r",
    ),
    "pull": declared(string="creds auth username/u annotation/a pod-config", duration="pull-timeout/pt"),
    "rm": declared(bool="force/f keep-logs/k all/a"),
    "rmi": declared(bool="all/a prune/q"),
    "rmp": declared(bool="force/f all/a"),
    "run": declared(
        string="runtime auth username/u creds annotation", bool="with-pull no-pull",
        duration="cancel-timeout/T pull-timeout",
    ),
    "runp": declared(string="runtime", duration="cancel-timeout/T"),
    "stats": declared(string="id pod/p label output/o", int="seconds/s", bool="all/a watch/w"),
    "statsp": declared(string="id label output/o", int="seconds/s", bool="watch/w"),
    "stop": declared(int="timeout/t", bool="all/a"),
    "update": declared(
        int="cpu-count cpu-maximum cpu-period cpu-quota cpu-share memory",
        string="cpuset-cpus cpuset-mems annotation",
    ),
}  # fmt: skip
