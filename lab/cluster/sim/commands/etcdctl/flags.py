"""The flags of etcdctl's commands, each with its name and kind."""

from lab.cluster.sim.commands.golang.command_line import declared

__all__ = ["GLOBAL", "OWN"]


GLOBAL = declared(
    string="cacert cert discovery-srv/d discovery-srv-name endpoints key password user write-out/w",
    bool="debug hex insecure-discovery insecure-skip-tls-verify insecure-transport",
    duration="command-timeout dial-timeout keepalive-time keepalive-timeout",
    int="max-recv-bytes max-request-bytes",
)
_CLUSTER = declared(bool="cluster")
_RANGE = declared(bool="prefix from-key")
_CHECK = declared(string="load prefix", bool="auto-compact auto-defrag")
OWN: dict[str, dict[str, str]] = {
    "get": declared(
        string="consistency order sort-by",
        int="limit rev min-create-rev max-create-rev min-mod-rev max-mod-rev",
        bool="keys-only count-only print-value-only prefix from-key",
    ),
    "put": declared(string="lease", bool="prev-kv ignore-value ignore-lease"),
    "del": declared(bool="prefix from-key prev-kv range"),
    "txn": declared(bool="interactive/i"),
    "compaction": declared(bool="physical"),
    "defrag": _CLUSTER,
    "endpoint": _CLUSTER,
    "endpoint health": _CLUSTER,
    "endpoint status": _CLUSTER,
    "endpoint hashkv": declared(bool="cluster", int="rev"),
    "watch": declared(bool="interactive/i prefix prev-kv progress-notify", int="rev"),
    "lease timetolive": declared(bool="keys"),
    "lease keep-alive": declared(bool="once"),
    "member add": declared(string="peer-urls", bool="learner"),
    "member update": declared(string="peer-urls"),
    "member list": declared(string="consistency"),
    "lock": declared(int="ttl"),
    "elect": declared(bool="listen/l"),
    "user add": declared(bool="interactive no-password", string="new-user-password"),
    "user passwd": declared(bool="interactive"),
    "user get": declared(bool="detail"),
    "role grant-permission": _RANGE,
    "role revoke-permission": _RANGE,
    "check perf": _CHECK,
    "check datascale": _CHECK,
    "make-mirror": declared(
        string="prefix dest-prefix dest-cert dest-key dest-cacert dest-user dest-password",
        bool="no-dest-prefix dest-insecure-transport",
        int="rev",
        uint="max-txn-ops",
    ),
}
