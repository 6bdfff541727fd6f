"""The behaviour of the control plane's programs: their valid flags, when they answer, and when they give up."""

import hashlib

from lab.cluster.sim.api import admission_configuration
from lab.cluster.sim.api.admission import PodSecurity
from lab.cluster.sim.api.configuration_files import ConfigurationError
from lab.cluster.sim.api.etcd import DEFAULT_QUOTA
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.plane.control_plane import LINGERS, ControlPlane
from lab.cluster.sim.plane.flag_parsing import FlagError, etcd_flags, server_flags
from lab.cluster.sim.text.times import iso, klog_time

__all__ = ["agnhost_refusal", "begin", "code_when_stopped", "tick", "times"]

#: The shortest time between the start of an API server and its first contact with etcd.
_APISERVER_STARTS = 0.5
#: How long a program tries to reach its server before it exits.
_APISERVER_PATIENCE = 20.3
_LEADER_PATIENCE = 10.0
#: How often a program without a lease asks for one.
RETRY = 2.0
#: A short time after a limit.
_MOMENT = 0.001
_LEADERS = {"kube-controller-manager", "kube-scheduler"}
_ETCD_USAGE = (
    "Usage:\n\n  etcd [flags]\n    Start an etcd server.\n\n  etcd --version\n    Show the version of etcd.\n"
)


#: agnhost's own commands.
_AGNHOST = {
    "audit-proxy", "completion", "connect", "crd-conversion-webhook", "dns-server-list", "dns-suffix",
    "entrypoint-tester", "etc-hosts", "fake-gitserver", "grpc-health-checking", "guestbook", "help",
    "inclusterclient", "liveness", "logs-generator", "mounttest", "net", "netexec", "nettest", "no-snat-test",
    "no-snat-test-proxy", "pause", "podcertificatesigner", "port-forward-tester", "porter",
    "resource-consumer-controller", "serve-hostname", "stress", "tcp-reset",
    "test-service-account-issuer-discovery", "test-webserver", "webhook",
}  # fmt: skip


def begin(plane: ControlPlane, machine: Machine, sandbox: Sandbox, container: Container) -> None:
    """Handle a started container: find out whether its program comes up."""
    program = container.argv[0].rsplit("/", 1)[-1] if container.spec.get("command") else ""
    if program == "etcd":
        _begin_etcd(plane, machine, container)
    elif program == "kube-apiserver":
        _begin_apiserver(plane, machine, sandbox, container)
    elif program in _LEADERS:
        container.ready_at = plane.now() + 1.0
        container.write(plane.now(), f"Starting {program}")
    else:
        _begin_other(plane, machine, container)


def agnhost_refusal(container: Container) -> str:
    """Return agnhost's error for arguments that are not a command of it; nothing if it runs."""
    spec = container.spec
    arguments = [word for word in spec.get("args") or [] if not word.startswith("-")]
    if "agnhost" not in container.image or spec.get("command") or not arguments or arguments[0] in _AGNHOST:
        return ""
    return f'Error: unknown command "{arguments[0]}" for "app"'


def code_when_stopped(container: Container) -> int:
    """Return the exit code of a program that gets SIGTERM; agnhost's code was 2 on a real cluster."""
    return 2 if "/agnhost:" in container.image else 0


def _begin_other(plane: ControlPlane, machine: Machine, container: Container) -> None:
    """Log that a program without a special behaviour is running."""
    lead = f"I{klog_time(plane.now())}       1"
    if container.name == "coredns":
        digest = hashlib.sha512(b"Corefile").hexdigest()
        reload = f"[INFO] plugin/reload: Running configuration SHA512 = {digest}"
        container.write(plane.now(), f".:53\n{reload}\nCoreDNS-1.14.7\nlinux/amd64, go1.26.8, ", "stdout")
    elif container.name == "kube-proxy":
        container.write(plane.now(), f'{lead} server_linux.go:53] "Using iptables proxy"')
    elif refused := agnhost_refusal(container):
        container.write(plane.now(), refused, "stdout")
        machine.runtime.stop(container, plane.now(), 1)
    elif "agnhost" in container.image and "pause" in container.argv:
        container.write(plane.now(), "Paused\nSignals registered", "stdout")
    elif "agnhost" in container.image and "netexec" in container.argv:
        port = flags(container.argv).get("http-port") or "8080"
        container.write(plane.now(), f"{lead} log.go:244] Started HTTP server on port {port}")


def tick(plane: ControlPlane, machine: Machine, container: Container) -> None:
    """Handle a running container: decide whether its program continues or gives up."""
    if container.name == "kube-apiserver":
        _tick_apiserver(plane, machine, container)
    elif container.name in _LEADERS:
        _tick_leader(plane, machine, container)


def times(plane: ControlPlane, container: Container) -> list[float]:
    """Return when a running program acts next, if nothing else happens before."""
    if container.name == "kube-apiserver":
        found = [container.ending + LINGERS + _MOMENT] if container.ending else []
        if container.ready_at == float("inf"):
            patience = _APISERVER_STARTS if plane.etcd_answers() else _APISERVER_PATIENCE
            found.append(container.started + patience + _MOMENT)
        return found
    if container.name not in _LEADERS:
        return []
    if not container.leads:
        return [plane.now() + RETRY]
    return [plane.writes_fail_since + _LEADER_PATIENCE + _MOMENT] if plane.writes_fail_since else []


def flags(argv: list[str]) -> dict[str, str]:
    """Return the flags of a command line, without their dashes."""
    found = {}
    for argument in argv:
        name, _, value = argument.lstrip("-").partition("=")
        if argument.startswith("-"):
            found[name] = value
    return found


def _begin_etcd(plane: ControlPlane, machine: Machine, container: Container) -> None:
    now = plane.now()
    variables = {each["name"]: str(each.get("value", "")) for each in container.spec.get("env") or []}
    try:
        given = etcd_flags(container.argv[1:], variables)
    except FlagError as error:
        container.write(now, f"{error}\n{_ETCD_USAGE}\n")
        machine.runtime.stop(container, now, 2)
        return
    container.ready_at = now + 0.3
    if container.name != "etcd":
        return  # another etcd, which nobody asks
    quota = int(given.get("quota-backend-bytes") or "0", 0)
    plane.etcd.quota = quota if quota > 0 else DEFAULT_QUOTA if quota == 0 else 2**63 - 1
    plane.etcd.started = now
    plane.etcd.term += 1
    stamp = iso(now)
    for caller, message in (
        ("embed/etcd.go:132", "configuring peer listeners"),
        ("etcdserver/quota.go:117", "enabled backend quota"),
        ("etcdserver/server.go:1812", "published local member to cluster through raft"),
        ("etcdmain/main.go:44", "notifying init daemon"),
        ("embed/serve.go:283", "serving client traffic securely"),
    ):
        extra = f',"quota-size-bytes":{plane.etcd.quota}' if "quota" in message else ""
        container.write(now, f'{{"level":"info","ts":"{stamp}","caller":"{caller}","msg":"{message}"{extra}}}')


def _begin_apiserver(plane: ControlPlane, machine: Machine, sandbox: Sandbox, container: Container) -> None:
    container.ready_at = float("inf")
    try:
        given = server_flags(container.argv[1:])
    except FlagError as error:
        container.write(plane.now(), f"Error: {error}")
        machine.runtime.stop(container, plane.now(), 1)
        return
    try:
        rules = _admission(machine, sandbox, container, given)
        if not given.get("etcd-servers"):
            raise ConfigurationError("--etcd-servers must be specified")  # noqa: TRY301 -- told like the others
    except ConfigurationError as error:
        shown = f'"{_escaped(str(error))}"' if "\n" not in str(error) else _indented(str(error))
        container.write(plane.now(), f'E{klog_time(plane.now())}       1 run.go:72] "command failed" err={shown}')
        machine.runtime.stop(container, plane.now(), 1)
        return
    if container.name != "kube-apiserver":
        container.ready_at = plane.now() + 2.0
        return  # another API server, which nobody asks
    # An API server without the flag allows everything too.
    plane.api.open_to_all = "AlwaysAllow" in given.get("authorization-mode", "AlwaysAllow").split(",")
    plane.api.admission.pod_security = rules


def _admission(machine: Machine, sandbox: Sandbox, container: Container, given: dict[str, str]) -> PodSecurity:
    """Return the rules of the admission configuration; raise `ConfigurationError` if the server refuses it."""
    path = given.get("admission-control-config-file")
    off = "PodSecurity" in given.get("disable-admission-plugins", "").split(",")
    if not path:
        return PodSecurity(off=off)
    try:
        if not _mounted(sandbox, container, path):
            raise FileNotFoundError(path)  # noqa: TRY301 -- told like a file that is not on the node
        found = admission_configuration.pod_security(machine.files.read(path), off=off)
    except FileNotFoundError:
        missing = f"open {path}: no such file or directory"
        told = f'unable to read admission control configuration from "{path}" [{missing}]'
        raise ConfigurationError(f"failed to apply admission: failed to read plugin config: {told}") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"failed to apply admission: {error}") from error
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _indented(text: str) -> str:
    """Return a text of several lines as klog prints it."""
    lines = "\n".join(f"\t{line}" for line in text.split("\n"))
    return f"<\n{lines}\n >"


def _mounted(sandbox: Sandbox, container: Container, path: str) -> bool:
    """Whether the file at `path` of the node is at the same path in the container."""
    volumes = {volume["name"]: (volume.get("hostPath") or {}).get("path", "") for volume in sandbox.volumes}
    return any(
        path.startswith(mount["mountPath"].rstrip("/") + "/") or path == mount["mountPath"]
        for mount in container.spec.get("volumeMounts") or []
        if volumes.get(mount["name"], "") == mount["mountPath"]
    )


def _tick_apiserver(plane: ControlPlane, machine: Machine, container: Container) -> None:
    now = plane.now()
    if container.ready_at < float("inf"):
        return
    if plane.etcd_answers() and now - container.started >= _APISERVER_STARTS:
        container.ready_at = now + 0.2
    elif not plane.etcd_answers() and now - container.started > _APISERVER_PATIENCE:
        container.write(now, "F1122 instance.go:232] Error creating leases: error creating storage factory: "
                             "context deadline exceeded")  # fmt: skip
        machine.runtime.stop(container, now, 255)


def _tick_leader(plane: ControlPlane, machine: Machine, container: Container) -> None:
    """End a leader that can't renew its lease for ten seconds; let other instances wait for a lease."""
    now = plane.now()
    since = plane.writes_fail_since
    if not container.leads:
        container.leads = plane.writable() and container.ready_at <= now
    elif since and now - since > _LEADER_PATIENCE:
        container.write(
            now,
            f"E1122 leaderelection.go:436] error retrieving resource lock kube-system/{container.name}: "
            "context deadline exceeded\nE1122 leaderelection lost",
        )
        machine.runtime.stop(container, now, 1)
