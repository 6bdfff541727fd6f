"""timedatectl: the time and its zone."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.node.bus_services import ask_service, unknown_verb

__all__ = ["timedatectl"]


async def timedatectl(call: Call) -> int:
    """Print the time and its zone. A container's clock is the host's: it can't be set."""
    try:
        flags = ask_service(call, "timedated")
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
            raise unknown_verb(verb, known, "timedatectl")
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
