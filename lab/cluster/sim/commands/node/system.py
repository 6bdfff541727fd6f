"""Small programs of a node's system: who it is, what runs by name."""

from datetime import UTC, datetime

from lab.cluster.sim.api.discovery import VERSION
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.shell.call import Call, Exit, NotSimulated

__all__ = ["dmesg", "kubelet", "logger", "service", "su", "virtualization"]


async def dmesg(call: Call) -> int:
    """Print what the kernel says: that it was booted, and who has spoken to it since."""
    try:
        flags = options(
            call,
            {},
            {
                "-T": "times",
                "--ctime": "times",
                "-x": "levels",
                "-L": "colour",
                "-P": "plain",
                "--nopager": "plain",
            },
            lacking=(
                "-w",
                "-W",
                "-H",
                "-l",
                "-f",
                "-C",
                "-c",
                "-n",
                "-k",
                "-u",
                "-r",
                "-t",
                "-d",
                "-e",
                "-E",
                "-D",
                "-J",
                "--level",
                "--follow",
                "--human",
                "--since",
                "--until",
                "--facility",
                "--clear",
                "--read-clear",
                "--notime",
                "--reltime",
            ),
        )
    except Exit as end:
        return await call.fail(end.message, end.code)
    journald = call.node.systemd.state("systemd-journald.service").pid
    for after, text in (
        (0.0, call.files.get("/proc/version").strip()),
        (0.66, f"systemd-journald[{journald}]: Received client request to flush runtime journal."),
    ):
        at = datetime.fromtimestamp(call.node.boot_time + after, UTC)
        await call.line(f"[{at:%a %b %e %H:%M:%S %Y}] {text}" if flags.on("times") else f"[{after:12.6f}] {text}")
    return 0


async def kubelet(call: Call) -> int:
    """Print the kubelet's version; it runs as a service."""
    if call.argv != ["--version"]:
        return await call.fail(NotSimulated("kubelet by hand").message)
    await call.line(f"Kubernetes {VERSION}")
    return 0


async def su(call: Call) -> int:
    """Run a command as root, who one is already."""
    words = [word for word in call.argv if word not in {"-", "-l", "root"}]
    if len(words) != 2 or words[0] != "-c":
        return await call.fail(NotSimulated(f"su {' '.join(call.argv)}".strip()).message)
    return await call.run(["bash", "-c", words[1]])


async def service(call: Call) -> int:
    """Do to a service what systemctl does."""
    if len(call.argv) != 2:
        return await call.fail(
            "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]"
        )
    name, verb = call.argv
    return await call.run(["systemctl", "--no-pager", verb, name])


async def logger(call: Call) -> int:
    """Write a line to the journal."""
    flags = options(
        call,
        {"-t": "tag", "--tag": "tag", "-p": "priority", "--priority": "priority"},
        {"-s": "too", "--stderr": "too"},
        lacking=("-f", "-i", "-n", "-P", "-T", "-d", "-u", "-e", "-S"),
    )
    text = " ".join(flags.words) or (await call.stdin()).decode(errors="replace").rstrip("\n")
    for line in text.splitlines():
        call.node.journal.write(call.now(), "", line, identifier=flags.get("tag", "root"), pid=39120)
        if flags.on("too"):
            at = datetime.fromtimestamp(call.now(), UTC)
            await call.err(f"<13>{at:%b %e %H:%M:%S} {flags.get('tag', 'root')}: {line}\n")
    return 0


async def virtualization(call: Call) -> int:
    """Tell that a node is a container."""
    if call.argv not in ([], ["-c"], ["--container"]):
        return await call.fail(NotSimulated(f"systemd-detect-virt {' '.join(call.argv)}").message)
    await call.line("docker")
    return 0
