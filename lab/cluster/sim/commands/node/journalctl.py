"""journalctl: the messages of a node's programs."""

import re
from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.machine.calendar import parse_span
from lab.cluster.sim.machine.journal import Entry
from lab.cluster.sim.machine.unit_files import full_name

__all__ = ["journalctl", "line_of"]

_JOURNAL_VALUED = {
    "-u": "unit",
    "--unit": "unit",
    "-n": "lines",
    "--lines": "lines",
    "-S": "since",
    "--since": "since",
    "-U": "until",
    "--until": "until",
    "-o": "output",
    "--output": "output",
    "-p": "priority",
    "--priority": "priority",
    "-g": "grep",
    "--grep": "grep",
    "-t": "identifier",
    "--identifier": "identifier",
}
_JOURNAL_SWITCHES = {
    "-f": "follow",
    "--follow": "follow",
    "--no-pager": "no-pager",
    "-r": "reverse",
    "--reverse": "reverse",
    "-e": "end",
    "-x": "catalog",
    "-b": "boot",
    "--boot": "boot",
    "-q": "quiet",
    "-k": "dmesg",
    "--quiet": "quiet",
    "--dmesg": "dmesg",
    "--catalog": "catalog",
    "--pager-end": "end",
    "-a": "all",
    "--all": "all",
    "-l": "full",
    "--full": "full",
    "-m": "merge",
    "--merge": "merge",
    "--no-tail": "no-tail",
    "--system": "system",
    "--no-hostname": "no-hostname",
}


async def journalctl(call: Call) -> int:
    """Run journalctl."""
    try:
        flags = parse(call.argv, _JOURNAL_VALUED, _JOURNAL_SWITCHES, program="journalctl")
        return await _journal(call, flags)
    except Exit as end:
        return await call.fail(end.message, end.code)


#: Output modes for programs: they say nothing when there is nothing.
_BARE = {"cat", "json", "json-pretty", "json-sse", "json-seq", "export"}
#: The time format of each output mode.
_TIMES = {"short": "%b %d %H:%M:%S", "short-iso": "%Y-%m-%dT%H:%M:%S+0000", "short-precise": "%b %d %H:%M:%S.%f",
          "short-full": "%a %Y-%m-%d %H:%M:%S UTC"}  # fmt: skip


def line_of(host: str, entry: "object", output: str = "short") -> str:
    """Return an entry of the journal as a line."""
    at = datetime.fromtimestamp(entry.at, UTC).strftime(_TIMES[output])  # type: ignore[attr-defined]
    return f"{at} {host} {entry.identifier}[{entry.pid}]: {entry.message}"  # type: ignore[attr-defined]


def _check(flags: Flags) -> None:
    level = flags.get("priority").rpartition("..")[2]
    if level and level not in _LEVELS and not (level.isdigit() and int(level) < len(_LEVELS)):
        raise Exit(1, f"Unknown log level {level}")
    if flags.get("output", "short") not in {*_TIMES, "cat"}:
        raise NotSimulated(f"journalctl -o {flags.get('output')}")
    lines = flags.get("lines", "all")
    if lines != "all" and not lines.removeprefix("+").isdigit():
        raise Exit(1, f"Failed to add match '{lines}': Invalid argument")


async def _journal(call: Call, flags: Flags) -> int:
    _check(flags)
    journal = call.node.journal
    units = {full_name(unit) for unit in flags.all("unit")}
    since = _moment(flags.get("since"), call.now()) if flags.given("since") else 0.0
    until = _moment(flags.get("until"), call.now()) if flags.given("until") else float("inf")

    def wanted(entry: "object") -> bool:
        return (
            not flags.on("dmesg")
            and (not units or entry.unit in units)  # type: ignore[attr-defined]
            and since <= entry.at <= until  # type: ignore[attr-defined]
            and (not flags.given("identifier") or entry.identifier == flags.get("identifier"))  # type: ignore[attr-defined]
            and flags.get("grep") in entry.message  # type: ignore[attr-defined]
        )

    found = [entry for entry in journal.entries if wanted(entry)]
    if since > until:
        raise Exit(1, "--since= must be before --until=.")
    found = _last(found, flags)
    if not found and not flags.on("follow"):
        if not flags.on("quiet") and flags.get("output", "short") not in _BARE:
            await call.line("-- No entries --")
        return int(flags.given("grep"))
    output = flags.get("output", "short")

    def shown(entry: Entry) -> str:
        return f"{entry.message if output == 'cat' else line_of(journal.host, entry, output)}\n"

    await call.out("".join(map(shown, found)))
    last = found[-1] if found else None
    while flags.on("follow"):
        await call.sleep(0.5)
        fresh = [entry for entry in journal.entries if wanted(entry) and (last is None or entry.at > last.at)]
        await call.out("".join(map(shown, fresh)))
        last = fresh[-1] if fresh else last
    return 0


def _last(found: list[Entry], flags: Flags) -> list[Entry]:
    """Return the entries that --lines, -e and --follow leave, in the order that --reverse asks for."""
    if flags.given("lines") and flags.get("lines") != "all":
        count = int(flags.get("lines").lstrip("+"))
        found = found[-count:] if count else []
    elif flags.on("end"):
        found = found[-1000:]
    elif flags.on("follow"):
        found = found[-10:]
    return found[::-1] if flags.on("reverse") else found


_LEVELS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")


def _moment(text: str, now: float) -> float:
    """Return the time of --since or --until."""
    if text in {"now", "today", "yesterday", "tomorrow"}:
        day = now // 86400 * 86400
        return {"now": now, "today": day, "yesterday": day - 86400, "tomorrow": day + 86400}[text]
    if re.fullmatch(r"@\d+(\.\d+)?", text):
        return float(text[1:])
    relative = re.fullmatch(r"-?(.+?)(?: ago)?", text)
    if relative and (text.startswith("-") or text.endswith("ago")):
        return now - parse_span(relative.group(1))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Exit(1, f"Failed to parse timestamp: {text}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
