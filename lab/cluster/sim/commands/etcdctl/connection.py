"""etcdctl's connection: its settings for servers, and its messages when they do not answer."""

import re
from collections.abc import Awaitable, Callable, Mapping

from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.server_certificates import client_authority, shown
from lab.cluster.sim.network.flows import Source
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.pki.issuing import CLIENT
from lab.cluster.sim.pki.reading import certificates, flaw, go_problem, pair_problem
from lab.cluster.sim.text.times import iso
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["BAD_ARGS", "BAD_FEATURE", "NO_SPACE", "Client", "Run", "connect", "number", "warn"]

#: Exit codes for wrong use and for a wrong value of a flag.
BAD_ARGS = 128
BAD_FEATURE = 4
NO_SPACE = "ResourceExhausted", "etcdserver: mvcc: database space exceeded"
_FORMS = {"simple", "table", "json", "fields", "protobuf"}
_COBRA = (
    r"github.com/spf13/cobra.(*Command).execute\n\tgithub.com/spf13/cobra@v1.10.2/command.go:1019\n"
    r"github.com/spf13/cobra.(*Command).ExecuteC\n\tgithub.com/spf13/cobra@v1.10.2/command.go:1148\n"
    r"github.com/spf13/cobra.(*Command).Execute\n\tgithub.com/spf13/cobra@v1.10.2/command.go:1071\n"
    r"go.etcd.io/etcd/etcdctl/v3/ctlv3.Start\n\tgo.etcd.io/etcd/etcdctl/v3@v3.6.16/ctlv3/ctl.go:112\n"
    r"go.etcd.io/etcd/etcdctl/v3/ctlv3.MustStart\n\tgo.etcd.io/etcd/etcdctl/v3@v3.6.16/ctlv3/ctl.go:116\n"
    r"main.main\n\tetcd/main.go:15\nruntime.main\n\truntime/proc.go:290"
)

#: A command's name, its function, and the place where its client is created (as a stack trace names it).
Run = Callable[["Client"], Awaitable[int]]


async def warn(call: Call, message: str, more: str) -> None:
    """Log a warning as etcdctl does."""
    stamp = iso(call.now())
    await call.err(f'{{"level":"warn","ts":"{stamp}","caller":"flags/flag.go:94","msg":"{message}",{more}}}\n')


def number(text: str, base: int, kind: str = "ParseInt", *, lead: str = "", tail: str = "") -> int:
    """Return an argument as a number; end the command as etcdctl does if it is not one."""
    good = r"[-+]?[0-9a-fA-F]+" if base == 16 else r"[-+]?\d+"
    if not re.fullmatch(good, text) or (kind == "ParseUint" and text[0] in "+-"):
        told = f'strconv.{kind}: parsing "{text}": invalid syntax'
        raise Exit(BAD_ARGS, f"Error: {lead}{f'({told})' if lead else told}{tail}")
    return int(text, base)


class Client:
    """One call of etcdctl: the command's words, its flags, and its servers."""

    def __init__(self, call: Call, flags: Flags, command: str) -> None:
        self.call = call
        self.flags = flags
        self.words: list[str] = [*flags.words, *(flags.rest or ())]
        self.command = command
        self.connected = False

    @property
    def form(self) -> str:
        """The output format."""
        return self.flags.get("write-out", "simple")

    @property
    def hex(self) -> bool:
        """Whether bytes and ids are printed as hexadecimal numbers."""
        return self.flags.on("hex")

    @property
    def endpoints(self) -> list[str]:
        """The servers to ask."""
        return self.flags.get("endpoints", "127.0.0.1:2379").split(",")

    def usage(self, told: str) -> Exit:
        """Return the end of a command that was used wrongly."""
        return Exit(BAD_ARGS, f"Error: {told}")

    async def etcd(
        self, method: str, where: str = "", *, patient: bool = False, logger: str = "etcd-client"
    ) -> Etcd:
        """Return the server's etcd, or end the command as etcdctl does if none answers.

        A `patient` request waits forever: etcdctl gives some requests no time limit.
        """
        await connect(self)
        where = where or self._reachable()
        problem = _unreachable(self, where)
        while problem and patient:
            await self.call.sleep(1)
            problem = _unreachable(self, where)
        if problem:
            await self.call.sleep(parse_duration(self.flags.get("command-timeout", "5s")))
            error = f"code = DeadlineExceeded desc = latest balancer error: {problem}"
            await self.call.err(self._warning(method, error, where, connected=False, logger=logger))
            raise Exit(1, "Error: context deadline exceeded")
        etcd = self.call.plane.etcd
        etcd.expire(self.call.now())
        return etcd

    def answers(self) -> bool:
        """Whether one of the servers answers."""
        return any(not _unreachable(self, one) for one in self.endpoints)

    def _reachable(self) -> str:
        """Return the first endpoint that answers, or else the first one: a client tries all of them."""
        return next((one for one in self.endpoints if not _unreachable(self, one)), self.endpoints[0])

    async def refused(self, method: str, code: str, told: str, *, lead: str = "") -> Exit:
        """Log that the server refused a request; return the end of the command."""
        problem = f"code = {code} desc = {told}"
        where = self._reachable()
        await self.call.err(self._warning(method, problem, where, connected=True, logger="etcd-client"))
        return Exit(1, f"Error: {lead} ({told})" if lead else f"Error: {told}")

    def _warning(self, method: str, error: str, where: str, *, connected: bool, logger: str) -> str:
        """Return the line that etcd's client logs for a failed request."""
        target = re.sub(r"^https?://", "", where)
        peer = "Addr: <nil>, LocalAddr: <nil>, AuthInfo: <nil>"
        if connected:
            peer = (
                f"Addr: '{target}', LocalAddr: '127.0.0.1:{40000 + int(self.call.now()) % 20000}', AuthInfo: 'tls'"
            )
        return (
            f'{{"level":"warn","ts":"{iso(self.call.now())}","logger":"{logger}",'
            '"caller":"v3@v3.6.16/retry_interceptor.go:68","msg":"retrying of unary invoker failed",'
            f'"target":"etcd-endpoints://0xc000404000/{target}","peer":"Peer{{{peer}}}",'
            f'"method":"/etcdserverpb.{method}","attempt":0,"error":"rpc error: {error}"}}\n'
        )


async def connect(client: Client) -> None:
    """Read the environment and check the certificates, as etcdctl does before its first request."""
    if client.connected:
        return
    client.connected = True
    flags = client.flags
    await _environment(client)
    for name in ("cert", "key", "cacert"):
        if flags.given(name) and not flags.get(name):
            raise Exit(BAD_ARGS, f"Error: empty string is passed to --{name} option")
    if flags.on("debug"):
        raise NotSimulated("etcdctl --debug")
    if flags.get("user") and ":" not in flags.get("user") and not flags.get("password"):
        raise NotSimulated("etcdctl --user that asks for a password")
    if client.form not in _FORMS:
        raise Exit(BAD_FEATURE, "Error: unsupported output format")
    _files(client)
    if flags.get("user") and client.answers():
        # A server without authentication logs that, and still answers.
        await client.refused(
            "Auth/Authenticate", "FailedPrecondition", "etcdserver: authentication is not enabled"
        )


def _files(client: Client) -> None:
    """End the command unless the certificates exist and fit."""
    call, flags = client.call, client.flags
    for name in ("cert", "key", "cacert"):
        path = flags.get(name)
        if name != "cacert" and bool(flags.get("cert")) != bool(flags.get("key")):
            told = f"[key: {flags.get('key')}, cert: {flags.get('cert')}]"
            raise Exit(BAD_ARGS, f"Error: KeyFile and CertFile must both be present{told}")
        if path and not call.files.is_file(call.path(path)):
            raise Exit(BAD_ARGS, f"Error: open {path}: no such file or directory")
    _pair(client)


async def _environment(client: Client) -> None:
    """Read flags from variables. A variable beside its flag ends the command; an unknown variable is logged."""
    call, flags = client.call, client.flags
    variables = {name: value for name, value in sorted(call.env.items()) if name.startswith("ETCDCTL_")}
    for variable, value in variables.items():
        name = variable.removeprefix("ETCDCTL_").lower().replace("_", "-")
        if name in GLOBAL_NAMES and flags.given(name):
            await call.err(_shadowed(call, client.command, variable))
            raise Exit(1)
        if name in GLOBAL_NAMES and value:
            flags.values[name] = [value]
        elif name not in GLOBAL_NAMES and not (client.command == "watch" and name.startswith("watch-")):
            await warn(call, "unrecognized environment variable", f'"environment-variable":"{variable}={value}"')


def _shadowed(call: Call, command: str, variable: str) -> str:
    function, line, way = _STACKS.get(command, ("", "", ""))
    base = "go.etcd.io/etcd/etcdctl/v3/ctlv3/command."
    path = "go.etcd.io/etcd/etcdctl/v3@v3.6.16/ctlv3/command/"
    frames = [
        r"go.etcd.io/etcd/pkg/v3/flags.verifyEnv\n\tgo.etcd.io/etcd/pkg/v3@v3.6.16/flags/flag.go:86",
        r"go.etcd.io/etcd/pkg/v3/flags.SetPflagsFromEnv\n\tgo.etcd.io/etcd/pkg/v3@v3.6.16/flags/flag.go:64",
        rf"{base}clientConfigFromCmd\n\t{path}global.go:105",
    ]
    if way:
        frames.append(rf"{base}{way}\n\t{path}global.go:{154 if way == 'mustClientFromCmd' else 144}")
    frames += [rf"{base}{function}\n\t{path}{line}", _COBRA]
    told = (
        "conflicting environment variable is shadowed by corresponding command-line flag "
        "(either unset environment variable or disable flag))"
    )
    stack = r"\n".join(frames)
    return (
        f'{{"level":"fatal","ts":"{iso(call.now())}","caller":"flags/flag.go:86","msg":"{told}",'
        f'"environment-variable":"{variable}","stacktrace":"{stack}"}}\n'
    )


def _unreachable(client: Client, where: str) -> str:
    """Return why a server can't be reached, or an empty string."""
    call, flags = client.call, client.flags
    host, _, port = re.sub(r"^https?://", "", where).rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host
    try:
        verdict = call.world.network.connect(Source(call.node, call.place.sandbox), host, int(port))
    except ValueError:
        verdict = None
    if verdict is None or not verdict.open or verdict.listener is None or verdict.listener.kind != "etcd":
        return f'connection error: desc = \\"transport: Error while dialing: dial tcp {host}:{port}: connect: connection refused\\"'  # noqa: E501 -- as it is printed
    skip = flags.on("insecure-skip-tls-verify")
    secure = where.startswith("https://") or any(flags.get(name) for name in ("cacert", "cert", "key")) or skip
    if where.startswith("http://") or not secure:
        return 'connection error: desc = \\"error reading server preface: EOF\\"'
    chain = shown(verdict.listener)
    problem = go_problem(chain[0], _text(client, "cacert"), call.now(), host=host) if chain and not skip else ""
    if problem:
        return (
            'connection error: desc = \\"transport: authentication handshake failed: tls: failed to verify certificate: '  # noqa: E501 -- as it is printed
            f'{problem}\\"'
        )
    refused = _refused_client(client, verdict.listener)
    if refused.startswith("remote"):
        return f'connection error: desc = \\"error reading server preface: {refused}\\"'
    if refused:
        local = f"127.0.0.1:{40000 + int(call.now()) % 20000}"
        return f"write tcp {local}->{host}:{port}: {refused}"
    return ""


def _text(client: Client, name: str) -> str:
    path = client.flags.get(name)
    return client.call.files.get(client.call.path(path)) if path else ""


def _pair(client: Client) -> None:
    """End the command if certificate or key is invalid, or if they do not belong together."""
    if client.flags.get("cert") and (problem := pair_problem(_text(client, "cert"), _text(client, "key"))):
        raise Exit(BAD_ARGS, f"Error: {problem}")


def _refused_client(client: Client, listener: Listener) -> str:
    """Return how an etcd ends the connection of a client that it does not know; nothing if it knows the client."""
    found = certificates(_text(client, "cert"))
    if not found:
        return "write: broken pipe"
    problem = flaw(found[0], certificates(client_authority(listener)), client.call.now(), usage=CLIENT)
    if problem is None:
        return ""
    alert = "expired certificate" if problem.number == 10 else "unknown certificate authority"
    return f"remote error: tls: {alert if problem.number in {10, 18, 19, 20} else 'bad certificate'}"


GLOBAL_NAMES = {
    "cacert", "cert", "command-timeout", "debug", "dial-timeout", "discovery-srv", "discovery-srv-name",
    "endpoints", "hex", "insecure-discovery", "insecure-skip-tls-verify", "insecure-transport", "keepalive-time",
    "keepalive-timeout", "key", "max-recv-bytes", "max-request-bytes", "password", "user", "write-out",
}  # fmt: skip
_OWN = "mustClientFromCmd"
#: The place where each command creates its client, as a stack trace names it.
_STACKS: Mapping[str, tuple[str, str, str]] = {
    "alarm disarm": ("alarmDisarmCommandFunc", "alarm_command.go:54", _OWN),
    "alarm list": ("alarmListCommandFunc", "alarm_command.go:77", _OWN),
    "auth status": ("authStatusCommandFunc", "auth_command.go:56", _OWN),
    "auth enable": ("authEnableCommandFunc", "auth_command.go:80", _OWN),
    "auth disable": ("authDisableCommandFunc", "auth_command.go:118", _OWN),
    "check perf": ("newCheckPerfCommand", "check.go:158", ""),
    "check datascale": ("newCheckDatascaleCommand", "check.go:329", ""),
    "compaction": ("compactionCommandFunc", "compaction_command.go:56", _OWN),
    "defrag": ("defragCommandFunc", "defrag_command.go:40", ""),
    "del": ("delCommandFunc", "del_command.go:54", _OWN),
    "downgrade validate": ("downgradeValidateCommandFunc", "downgrade_command.go:88", _OWN),
    "downgrade enable": ("downgradeEnableCommandFunc", "downgrade_command.go:114", _OWN),
    "downgrade cancel": ("downgradeCancelCommandFunc", "downgrade_command.go:128", _OWN),
    "elect": ("electCommandFunc", "elect_command.go:48", _OWN),
    "endpoint health": ("epHealthCommandFunc", "ep_command.go:99", ""),
    "endpoint status": ("epStatusCommandFunc", "ep_command.go:186", ""),
    "endpoint hashkv": ("epHashKVCommandFunc", "ep_command.go:218", ""),
    "get": ("getCommandFunc", "get_command.go:84", _OWN),
    "lease grant": ("leaseGrantCommandFunc", "lease_command.go:68", _OWN),
    "lease revoke": ("leaseRevokeCommandFunc", "lease_command.go:96", _OWN),
    "lease timetolive": ("leaseTimeToLiveCommandFunc", "lease_command.go:128", _OWN),
    "lease list": ("leaseListCommandFunc", "lease_command.go:147", _OWN),
    "lease keep-alive": ("leaseKeepAliveCommandFunc", "lease_command.go:187", _OWN),
    "lock": ("lockCommandFunc", "lock_command.go:50", _OWN),
    "member add": ("memberAddCommandFunc", "member_command.go:145", _OWN),
    "member remove": ("memberRemoveCommandFunc", "member_command.go:195", _OWN),
    "member update": ("memberUpdateCommandFunc", "member_command.go:221", _OWN),
    "member list": ("memberListCommandFunc", "member_command.go:237", _OWN),
    "member promote": ("memberPromoteCommandFunc", "member_command.go:258", _OWN),
    "move-leader": ("transferLeadershipCommandFunc", "move_leader_command.go:47", ""),
    "put": ("putCommandFunc", "put_command.go:73", _OWN),
    "role add": ("roleAddCommandFunc", "role_command.go:113", _OWN),
    "role delete": ("roleDeleteCommandFunc", "role_command.go:127", _OWN),
    "role get": ("roleGetCommandFunc", "role_command.go:142", _OWN),
    "role list": ("roleListCommandFunc", "role_command.go:156", _OWN),
    "role grant-permission": ("roleGrantPermissionCommandFunc", "role_command.go:176", _OWN),
    "role revoke-permission": ("roleRevokePermissionCommandFunc", "role_command.go:191", _OWN),
    "snapshot save": ("snapshotSaveCommandFunc", "snapshot_command.go:79", "mustClientCfgFromCmd"),
    "txn": ("txnCommandFunc", "txn_command.go:75", _OWN),
    "user add": ("userAddCommandFunc", "user_command.go:164", _OWN),
    "user delete": ("userDeleteCommandFunc", "user_command.go:178", _OWN),
    "user get": ("userGetCommandFunc", "user_command.go:192", _OWN),
    "user list": ("userListCommandFunc", "user_command.go:219", _OWN),
    "user passwd": ("userChangePasswordCommandFunc", "user_command.go:241", _OWN),
    "user grant-role": ("userGrantRoleCommandFunc", "user_command.go:255", _OWN),
    "user revoke-role": ("userRevokeRoleCommandFunc", "user_command.go:269", _OWN),
    "watch": ("watchCommandFunc", "watch_command.go:81", _OWN),
}
