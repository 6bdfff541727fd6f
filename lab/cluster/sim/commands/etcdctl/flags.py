"""The flags of etcdctl's commands, each with its name and kind."""

from collections.abc import Iterable

__all__ = ["GLOBAL", "OWN"]


def _kinds(kind: str, names: Iterable[str]) -> dict[str, str]:
    return {f"--{name}": f"{name}:{kind}" for name in names}


GLOBAL = {
    **_kinds("string", ("cacert", "cert", "discovery-srv", "discovery-srv-name", "endpoints", "key", "password", "user", "write-out")),  # noqa: E501
    **_kinds("bool", ("debug", "hex", "insecure-discovery", "insecure-skip-tls-verify", "insecure-transport")),
    **_kinds("duration", ("command-timeout", "dial-timeout", "keepalive-time", "keepalive-timeout")),
    **_kinds("int", ("max-recv-bytes", "max-request-bytes")),
    "-w": "write-out:string",
    "-d": "discovery-srv:string",
}  # fmt: skip
_CLUSTER = _kinds("bool", ("cluster",))
_RANGE = _kinds("bool", ("prefix", "from-key"))
_CHECK = {**_kinds("string", ("load", "prefix")), **_kinds("bool", ("auto-compact", "auto-defrag"))}
OWN: dict[str, dict[str, str]] = {
    "get": {
        **_kinds("string", ("consistency", "order", "sort-by")),
        **_kinds("int", ("limit", "rev", "min-create-rev", "max-create-rev", "min-mod-rev", "max-mod-rev")),
        **_kinds("bool", ("keys-only", "count-only", "print-value-only")),
        **_RANGE,
    },
    "put": {**_kinds("string", ("lease",)), **_kinds("bool", ("prev-kv", "ignore-value", "ignore-lease"))},
    "del": {**_RANGE, **_kinds("bool", ("prev-kv", "range"))},
    "txn": {**_kinds("bool", ("interactive",)), "-i": "interactive:bool"},
    "compaction": _kinds("bool", ("physical",)),
    "defrag": _CLUSTER,
    "endpoint": _CLUSTER,
    "endpoint health": _CLUSTER,
    "endpoint status": _CLUSTER,
    "endpoint hashkv": {**_CLUSTER, **_kinds("int", ("rev",))},
    "watch": {
        **_kinds("bool", ("interactive", "prefix", "prev-kv", "progress-notify")),
        **_kinds("int", ("rev",)),
        "-i": "interactive:bool",
    },
    "lease timetolive": _kinds("bool", ("keys",)),
    "lease keep-alive": _kinds("bool", ("once",)),
    "member add": {**_kinds("string", ("peer-urls",)), **_kinds("bool", ("learner",))},
    "member update": _kinds("string", ("peer-urls",)),
    "member list": _kinds("string", ("consistency",)),
    "lock": _kinds("int", ("ttl",)),
    "elect": {**_kinds("bool", ("listen",)), "-l": "listen:bool"},
    "user add": {**_kinds("bool", ("interactive", "no-password")), **_kinds("string", ("new-user-password",))},
    "user passwd": _kinds("bool", ("interactive",)),
    "user get": _kinds("bool", ("detail",)),
    "role grant-permission": _RANGE,
    "role revoke-permission": _RANGE,
    "check perf": _CHECK,
    "check datascale": _CHECK,
    "make-mirror": {
        **_kinds("string", ("prefix", "dest-prefix", "dest-cert", "dest-key", "dest-cacert", "dest-user", "dest-password")),  # noqa: E501
        **_kinds("bool", ("no-dest-prefix", "dest-insecure-transport")),
        **_kinds("int", ("rev",)),
        **_kinds("uint", ("max-txn-ops",)),
    },
}  # fmt: skip
