"""nsenter, and `ip netns`: run programs in the namespaces of another process."""

from dataclasses import replace

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.containers import NOT_FOUND, execute
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.machine.processes import Process, processes
from lab.cluster.sim.machine.program_files import program_names
from lab.cluster.sim.machine.runtime import Container, Sandbox

__all__ = ["netns", "nsenter"]

_SPACES = {"-m": "mnt", "--mount": "mnt", "-u": "uts", "--uts": "uts", "-i": "ipc", "--ipc": "ipc", "-n": "net",
           "--net": "net", "-p": "pid", "--pid": "pid", "-C": "cgroup", "--cgroup": "cgroup", "-U": "user",
           "--user": "user", "-T": "time", "--time": "time", "-a": "all", "--all": "all"}  # fmt: skip
#: Programs that read the network of their namespace and are simulated there.
_NETWORK = {"ip", "curl", "getent", "tc"}
#: Programs that would read it too, but are simulated only for a node's own network.
_NODES_OWN = {
    "ss",
    "iptables",
    "iptables-save",
    "ip6tables",
    "nft",
    "conntrack",
    "ethtool",
    "bash",
    "sh",
    "sysctl",
}


async def nsenter(call: Call) -> int:
    """Run a program in the namespaces of another process: in all, or only in its network."""
    try:
        words = [word for word in call.argv if not word.startswith("--net=")]
        files = [word.partition("=")[2] for word in call.argv if word.startswith("--net=")]
        call.argv = [*(["-n"] if files else []), *words]
        flags = options(
            call,
            {"-t": "target", "--target": "target", "-S": "uid", "-G": "gid", "--setuid": "uid", "--setgid": "gid"},
            {**_SPACES, "-F": "no-fork", "--no-fork": "no-fork"},
            lacking=("-r", "-w", "-W", "-Z", "--root", "--wd", "--wdns", "--preserve-credentials"),
            interspersed=False,
        )
        spaces = {name for name in _SPACES.values() if flags.given(name)}
        argv = [*flags.words, *(flags.rest or [])]
        container, sandbox = _by_file(call, files[0]) if files else _by_number(call, flags.get("target"), spaces)
        if not argv:
            if call.terminal is not None:
                raise NotSimulated(f"nsenter {' '.join(call.argv)}")
            return 0
        return await _run(call, spaces, container, sandbox, argv)
    except Exit as end:
        return await call.fail(end.message, end.code)


def _by_number(call: Call, target: str, spaces: set[str]) -> tuple[Container | None, Sandbox | None]:
    """Return the container and the pod of a process; None for a process of the node."""
    if not target:
        if spaces:
            if "all" in spaces:
                raise Exit(1, "nsenter: no target PID specified for --all")
            what = "net" if "net" in spaces else min(spaces)
            raise Exit(1, f"nsenter: neither filename nor target pid supplied for ns/{what}")
        return None, None
    if not target.isdigit():
        raise Exit(1, f"nsenter: failed to parse pid: '{target}'")
    process = next((one for one in processes(call.node) if one.pid == int(target)), None)
    if process is None:
        what = "net" if spaces & {"net", "all"} else min(spaces, default="net")
        raise Exit(1, f"nsenter: cannot open /proc/{target}/ns/{what}: No such file or directory")
    return _place(call, process)


def _place(call: Call, process: Process) -> tuple[Container | None, Sandbox | None]:
    sandboxes = call.node.runtime.sandboxes
    container = process.container
    return container, sandboxes.get(container.sandbox) if container is not None else process.sandbox


def _by_file(call: Call, path: str) -> tuple[None, Sandbox | None]:
    name = path.rsplit("/", 1)[-1]
    found = next((one for one in _pods(call) if one.netns == name), None)
    if path in {"/proc/1/ns/net", "/proc/self/ns/net"}:
        return None, None
    if found is None or not path.startswith(("/run/netns/", "/var/run/netns/")):
        raise Exit(1, f"nsenter: cannot open {path}: No such file or directory")
    return None, found


def _pods(call: Call) -> list[Sandbox]:
    return [one for one in call.node.runtime.sandboxes.values() if one.ready and not one.host_network]


async def _run(
    call: Call, spaces: set[str], container: Container | None, sandbox: Sandbox | None, argv: list[str]
) -> int:
    if sandbox is None:
        return await _there(call, None, argv)
    if spaces & {"mnt", "all"}:
        if container is None or not spaces & {"net", "all"}:
            raise NotSimulated(f"nsenter into {'a pause process' if container is None else 'files alone'}")
        code = await execute(call, call.node, sandbox, container, argv, stdin=False, tty=False)
        if code == NOT_FOUND:
            raise Exit(127, f"nsenter: failed to execute {argv[0]}: No such file or directory")
        return code
    if "uts" in spaces and argv == ["hostname"]:
        await call.line(call.node.name if sandbox.host_network else sandbox.name)
        return 0
    if spaces - {"net"}:
        raise NotSimulated(f"nsenter {' '.join(call.argv)}")
    return await _there(call, sandbox if "net" in spaces and not sandbox.host_network else None, argv)


async def _there(call: Call, sandbox: Sandbox | None, argv: list[str]) -> int:
    """Run a program of the node in a pod's network, or in the node's network."""
    program = argv[0].rsplit("/", 1)[-1]
    if program not in program_names() and not call.files.is_file(call.path(argv[0])):
        raise Exit(127, f"nsenter: failed to execute {argv[0]}: No such file or directory")
    if sandbox is None or program not in _NETWORK | _NODES_OWN:
        return await call.run(argv)
    if program in _NODES_OWN:
        raise NotSimulated(f"{program} in a pod's network")
    return await call.wait(call.start(argv, place=replace(call.place, sandbox=sandbox)))


async def netns(call: Call, words: list[str]) -> int:
    """List the network namespaces of a node's pods, or run a program in one."""
    verb = words[0] if words else "list"
    pods = _pods(call)[::-1]
    if verb in {"list", "show", "ls", "lst"}:
        await call.out("".join(f"{pod.netns} (id: {len(pods) - index})\n" for index, pod in enumerate(pods)))
        return 0
    if verb == "exec" and len(words) > 2:
        pod = next((pod for pod in pods if pod.netns == words[1]), None)
        if pod is None:
            raise Exit(255, f'Cannot open network namespace "{words[1]}": No such file or directory')
        return await _there(call, pod, words[2:])
    if verb == "identify" and len(words) > 1:
        process = next((one for one in processes(call.node) if str(one.pid) == words[1]), None)
        sandbox = _place(call, process)[1] if process else None
        await call.line(sandbox.netns if sandbox is not None and not sandbox.host_network else "")
        return 0
    if verb in {"add", "delete", "del", "attach", "set", "pids", "monitor", "list-id", "exec", "identify", "help"}:
        raise NotSimulated(f"ip netns {verb}")
    raise Exit(255, f'Command "{verb}" is unknown, try "ip netns help".')
