"""hostnamectl, timedatectl, loginctl: they ask services that systemd starts when somebody asks."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from lab.cluster.sim.commands.golang.flags import Flags
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.shell.call import Call, Exit, NotSimulated

__all__ = ["hostnamectl", "loginctl", "timedatectl"]

_COMMON = {
    "--no-pager": "no-pager",
    "--no-legend": "no-legend",
    "-a": "all",
    "--all": "all",
    "-l": "full",
    "--full": "full",
    "--value": "value",
    "--no-ask-password": "no-ask",
}
#: The services that end by themselves do so when nobody has asked for so long, in s.
_IDLE = 30.0


def _asked(call: Call, service: str, switches: Sequence[str] = (), *, stays: bool = False) -> Flags:
    flags = options(
        call,
        {
            "-p": "property",
            "--property": "property",
            "-P": "only",
            "--json": "json",
            "-n": "lines",
            "-o": "output",
        },
        {**_COMMON, **{name: name for name in switches}},
        lacking=("-H", "-M", "-h", "--host", "--machine"),
        hint=False,
    )
    call.node.systemd.activate(f"systemd-{service}.service", None if stays else _IDLE)
    return flags


def _unknown(word: str, known: Sequence[str], program: str) -> Exit:
    return NotSimulated(f"{program} {word}") if word in known else Exit(1, f"Unknown command verb {word}.")


async def hostnamectl(call: Call) -> int:
    """Print what the node is called, and what it is."""
    try:
        flags = _asked(call, "hostnamed", ("--static", "--transient", "--pretty"))
        verb = flags.words[0] if flags.words else "status"
        if verb not in {"status", "hostname"} or len(flags.words) > 1:
            known = ("icon-name", "chassis", "deployment", "location", "hostname", "set-hostname")
            raise _unknown(verb, known, "hostnamectl")
        if flags.given("json"):
            raise NotSimulated("hostnamectl --json")
    except Exit as end:
        return await call.fail(end.message, end.code)
    name = call.node.name
    if flags.on("--pretty"):
        await call.line()
    elif verb == "hostname" or flags.on("--static") or flags.on("--transient"):
        await call.line(name)
    else:
        await call.out(
            f" Static hostname: {name}\n       Icon name: computer-container\n         Chassis: container ☐\n"
            f"      Machine ID: {call.node.machine_id}\n         Boot ID: {call.node.boot_id}\n"
            "  Virtualization: docker\nOperating System: Debian GNU/Linux 12 (bookworm)\n"
            f"          Kernel: Linux {call.node.sysctls.get('kernel.osrelease')}\n    Architecture: x86-64\n"
        )
    return 0


async def timedatectl(call: Call) -> int:
    """Print the time and its zone. A container's clock is the host's: it can't be set."""
    try:
        flags = _asked(call, "timedated")
        verb = flags.words[0] if flags.words else "status"
        if verb not in {"status", "show", "set-ntp"}:
            known = (
                "set-time",
                "set-timezone",
                "list-timezones",
                "set-local-rtc",
                "timesync-status",
                "show-timesync",
                "ntp-servers",
                "revert",
            )
            raise _unknown(verb, known, "timedatectl")
    except Exit as end:
        return await call.fail(end.message, end.code)
    if verb == "set-ntp":
        return await call.fail("Failed to set ntp: NTP not supported")
    at = datetime.fromtimestamp(call.now(), UTC)
    shown = f"{at:%a %Y-%m-%d %H:%M:%S} UTC"
    if verb == "show":
        values = {
            "Timezone": "Etc/UTC",
            "LocalRTC": "no",
            "CanNTP": "no",
            "NTP": "no",
            "NTPSynchronized": "no",
            "TimeUSec": shown,
        }
        await _show(call, flags, values)
    else:
        await call.out(
            f"               Local time: {shown}\n           Universal time: {shown}\n"
            "                 RTC time: n/a\n"
            "                Time zone: Etc/UTC (UTC, +0000)\nSystem clock synchronized: no\n"
            "              NTP service: n/a\n          RTC in local TZ: no\n"
        )
    return 0


async def _show(call: Call, flags: Flags, values: dict[str, str]) -> None:
    wanted = [one for text in flags.all("property") for one in text.split(",")] or list(values)
    for name, value in values.items():
        if name in wanted:
            await call.line(value if flags.on("value") else f"{name}={value}")


async def loginctl(call: Call) -> int:
    """Tell who is logged in: nobody, since a shell in a node is no login."""
    try:
        flags = _asked(call, "logind", stays=True)
        verb = flags.words[0] if flags.words else "list-sessions"
        if verb not in {"list-sessions", "list-users", "list-seats"}:
            known = (
                "session-status",
                "show-session",
                "activate",
                "lock-session",
                "unlock-session",
                "lock-sessions",
                "unlock-sessions",
                "terminate-session",
                "kill-session",
                "user-status",
                "show-user",
                "enable-linger",
                "disable-linger",
                "terminate-user",
                "kill-user",
                "seat-status",
                "show-seat",
                "attach",
                "flush-devices",
                "terminate-seat",
            )
            raise _unknown(verb, known, "loginctl")
    except Exit as end:
        return await call.fail(end.message, end.code)
    if flags.given("json"):
        await call.line(json.dumps([]))
    elif not flags.on("no-legend"):
        await call.line(f"No {verb.removeprefix('list-')}.")
    return 0
