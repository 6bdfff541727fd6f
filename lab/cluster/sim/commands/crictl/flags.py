"""The flags of crictl's commands, each with its name and kind."""

__all__ = ["GLOBAL", "OWN"]


def _flags(**kinds: str) -> dict[str, str]:
    """Return flags by kind: `string="output/o id"` are `--output`, `-o` and `--id`."""
    found: dict[str, str] = {}
    for kind, names in kinds.items():
        for words in names.split():
            name, *others = words.split("/")
            found |= dict.fromkeys((name, *others), f"{name}:{kind}")
    return found


GLOBAL = _flags(
    string="config/c runtime-endpoint/r image-endpoint/i tracing-endpoint profile-cpu profile-mem",
    duration="timeout/t",
    int="tracing-sampling-rate-per-million",
    bool="debug/D enable-tracing version/v",
)
_STATUS = _flags(string="output/o template", bool="quiet/q")
_FILTERS = "id name label namespace state/s"
OWN = {
    "attach": _flags(bool="stdin/i tty/t", string="transport/r tls-sni tls-ca tls-cert tls-key"),
    "checkpoint": _flags(string="export/e"),
    "config": _flags(string="get set", bool="list"),
    "create": _flags(
        string="auth username/u creds annotation", bool="with-pull no-pull",
        duration="cancel-timeout/T pull-timeout",
    ),
    "events": _flags(string="output/o template"),
    "exec": _flags(
        string="transport/r image label name pod/p state tls-sni tls-ca tls-cert tls-key",
        int="timeout last/n",
        bool="sync/s tty/t interactive/i quiet/q ignore-errors/e parallel/x latest/l",
    ),
    "imagefsinfo": _flags(string="output/o template"),
    "images": _flags(string="output/o filter/f", bool="verbose/v quiet/q digests no-trunc pinned"),
    "info": _STATUS,
    "inspect": {
        **_STATUS,
        **_flags(string="id name label image namespace pod/p state/s", int="last/n", bool="all/a latest/l"),
    },
    "inspecti": {**_STATUS, **_flags(string="filter/f name")},
    "inspectp": {**_STATUS, **_flags(string="id name label namespace state/s", int="last/n", bool="latest/l")},
    "logs": _flags(
        string="since stream/s", int="tail limit-bytes", bool="follow/f previous/p reopen/r timestamps/t",
    ),
    "metricsp": {},
    "pods": _flags(string=f"{_FILTERS} output/o", int="last/n", bool="verbose/v quiet/q no-trunc latest/l"),
    "port-forward": _flags(string="transport/r tls-sni tls-ca tls-cert tls-key address"),
    "ps": _flags(
        string=f"{_FILTERS} pod/p image output/o",
        int="last/n",
        bool="verbose/v quiet/q no-trunc all/a latest/l resolve-image-path/r",
    ),
    "pull": _flags(string="creds auth username/u annotation/a pod-config", duration="pull-timeout/pt"),
    "rm": _flags(bool="force/f keep-logs/k all/a"),
    "rmi": _flags(bool="all/a prune/q"),
    "rmp": _flags(bool="force/f all/a"),
    "run": _flags(
        string="runtime auth username/u creds annotation", bool="with-pull no-pull",
        duration="cancel-timeout/T pull-timeout",
    ),
    "runp": _flags(string="runtime", duration="cancel-timeout/T"),
    "stats": _flags(string="id pod/p label output/o", int="seconds/s", bool="all/a watch/w"),
    "statsp": _flags(string="id label output/o", int="seconds/s", bool="watch/w"),
    "stop": _flags(int="timeout/t", bool="all/a"),
    "update": _flags(
        int="cpu-count cpu-maximum cpu-period cpu-quota cpu-share memory",
        string="cpuset-cpus cpuset-mems annotation",
    ),
}  # fmt: skip
