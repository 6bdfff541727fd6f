"""The unit lists of systemctl, and the state of a unit."""

from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.node.reboot import restart
from lab.cluster.sim.machine.processes import processes
from lab.cluster.sim.machine.systemd import State
from lab.cluster.sim.machine.unit_checks import bad_setting
from lab.cluster.sim.machine.unit_files import Unit, full_name
from lab.cluster.sim.timing.durations import human

__all__ = ["list_timers", "list_unit_files", "list_units", "reboot", "show", "status"]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%a %Y-%m-%d %H:%M:%S UTC")


def _chosen(call: Call, flags: Flags) -> list[str]:
    types = {kind for value in flags.all("type") for kind in value.split(",")}
    states = {state for value in flags.all("state") for state in value.split(",")}
    names = []
    for name in call.node.systemd.names():
        if types and name.rsplit(".", 1)[-1] not in types:
            continue
        state = call.node.systemd.state(name)
        if states and not states & {state.active, state.sub}:
            continue
        if flags.words and not any(_glob(word, name) for word in flags.words):
            continue
        names.append(name)
    return names


def _glob(pattern: str, name: str) -> bool:
    import fnmatch  # noqa: PLC0415 -- used here alone

    return fnmatch.fnmatch(name, pattern) or name == full_name(pattern)


async def list_units(call: Call, flags: Flags) -> int:
    """List the loaded units."""
    names = _chosen(call, flags)
    if not (flags.on("all") or flags.given("state")):
        names = [name for name in names if call.node.systemd.state(name).active != "inactive"]
    rows = []
    for name in names:
        state, unit = call.node.systemd.state(name), call.node.systemd.unit(name)
        loaded = "loaded" if unit else "not-found"
        rows.append([name, loaded, state.active, state.sub, unit.description if unit else name])
    if flags.on("no-legend") or flags.get("legend") == "false":
        lead = "" if flags.on("plain") else "  "
        await call.out("".join(lead + _row(row, rows) for row in rows))
        return 0
    if not rows and flags.on("quiet"):
        return 0
    head = ["UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"]
    lead = "" if flags.on("plain") else "  "
    await call.out("".join(lead + _row(row, [head, *rows]) for row in [head, *rows]))
    if rows:
        await call.out(
            "\nLOAD   = Reflects whether the unit definition was properly loaded.\n"
            "ACTIVE = The high-level unit activation state, i.e. generalization of SUB.\n"
            "SUB    = The low-level unit activation state, values depend on unit type.\n"
        )
        await call.line(f"{len(rows)} loaded units listed. Pass --all to see loaded but inactive units, too.")
        await call.line("To show all installed unit files use 'systemctl list-unit-files'.")
    else:
        more = "" if flags.on("all") else " Pass --all to see loaded but inactive units, too."
        await call.line(f"0 loaded units listed.{more}")
        await call.line("To show all installed unit files use 'systemctl list-unit-files'.")
    return 0


def _row(row: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(one[i]) for one in rows) for i in range(len(row) - 1)]
    return (
        " ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip() + "\n"
    )


async def list_unit_files(call: Call, flags: Flags) -> int:
    """Show unit files with their enablement."""
    types = {kind for value in flags.all("type") for kind in value.split(",")}
    states = {state for value in flags.all("state") for state in value.split(",")}
    rows = []
    for name in call.node.systemd.names():
        unit = call.node.systemd.unit(name)
        if unit is None or (types and unit.kind not in types):
            continue
        state = unit.enablement(call.node.files)
        if (states and state not in states) or (
            flags.words and not any(_glob(word, name) for word in flags.words)
        ):
            continue
        rows.append([name, state, "enabled" if state != "static" else "-"])
    legend = not (flags.on("no-legend") or flags.get("legend") == "false")
    head = [["UNIT FILE", "STATE", "PRESET"]] if legend else []
    await call.out("".join(_row(row, [*head, *rows]) for row in [*head, *rows]))
    if legend:
        await call.out(f"\n{len(rows)} unit files listed.\n")
    return 0


def _fits(name: str, patterns: list[str]) -> bool:
    return not patterns or any(_glob(each, name) for each in patterns)


async def list_timers(call: Call, flags: Flags) -> int:
    """List timers, the next one first."""
    now, systemd = call.now(), call.node.systemd
    timers = [name for name in systemd.names() if name.endswith(".timer") and _fits(name, flags.words)]
    active = [name for name in timers if systemd.state(name).active == "active"]
    active.sort(key=lambda name: systemd.state(name).next)
    head = ["NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES"]
    rows = []
    for name in active:
        state, unit = systemd.state(name), systemd.unit(name)
        target = (unit.get("Timer", "Unit") if unit else "") or name.replace(".timer", ".service")
        later = state.next < float("inf")
        rows.append([
            _time(state.next) if later else "-", f"{human(state.next - now)} left" if later else "-",
            _time(state.triggered) if state.triggered else "-",
            f"{human(now - state.triggered)} ago" if state.triggered else "-", name, target,
        ])  # fmt: skip
    legend = not (flags.on("no-legend") or flags.get("legend") == "false")
    shown = [head, *rows] if legend else rows
    await call.out("".join(_row(row, shown) for row in shown))
    if legend:
        await call.out(f"\n{len(rows)} timers listed.\n" + ("" if flags.on("all") else
                       "Pass --all to see loaded but inactive timers, too.\n"))  # fmt: skip
    return 0


def _active_text(state: State, now: float) -> str:
    text = f"{state.active} ({state.sub})"
    if state.active == "failed":
        text = f"failed (Result: {state.result})"
    if state.since:
        text += f" since {_time(state.since)}; {human(now - state.since)} ago"
    return text


async def status(call: Call, flags: Flags) -> int:
    """Show a unit's state and the end of its journal."""
    if not flags.words:
        raise NotSimulated("systemctl status without a unit")
    count = flags.get("lines", "10")
    if not count.isdigit():
        return await call.fail(f"Failed to parse lines '{count}'")
    code = 0
    for word in flags.words:
        name = full_name(word)
        call.node.systemd.load(name)
        unit, state = call.node.systemd.unit(name), call.node.systemd.state(name)
        if unit is None and state.active == "inactive":
            code = await call.fail(f"Unit {name} could not be found.", 4)
            continue
        dot = {"active": "●", "failed": "×", "activating": "●"}.get(state.active, "○")  # noqa: RUF001 -- as it is printed
        described = f" - {unit.description}" if unit and unit.description else ""
        lines = [f"{dot} {name}{described}"]
        if unit and unit.masked:
            lines.append(f"     Loaded: masked (Reason: Unit {name} is masked.)")
        elif unit:
            enabled = unit.enablement(call.node.files)
            preset = "; preset: enabled" if enabled != "static" else ""
            lines.append(f"     Loaded: loaded ({unit.path}; {enabled}{preset})")
            if unit.drop_ins:
                folder, _, file = unit.drop_ins[0].rpartition("/")
                lines += [f"    Drop-In: {folder}", f"             └─{file}"]
        else:
            lines.append("     Loaded: not-found (Reason: Unit not found.)")
        lines.append(f"     Active: {_active_text(state, call.now())}")
        if unit and (documents := unit.get("Unit", "Documentation")):
            lines += [
                f"       Docs: {documents.split()[0]}",
                *(f"             {one}" for one in documents.split()[1:]),
            ]
        lines += _details(call, name, state)
        entries = [entry for entry in call.node.journal.entries if entry.unit == name]
        shown = entries[-int(count) :] if int(count) else []
        if shown:
            from lab.cluster.sim.commands.node.journalctl import line_of  # noqa: PLC0415 -- it knows this module

            lines += ["", *(line_of(call.node.name, entry) for entry in shown)]
        await call.out("\n".join(lines) + "\n")
        code = code or (0 if state.active in {"active", "activating"} else 3)
    return code


def _details(call: Call, name: str, state: State) -> list[str]:
    unit = call.node.systemd.unit(name)
    if name.endswith(".timer") and unit:
        target = unit.get("Timer", "Unit") or name.replace(".timer", ".service")
        trigger = (
            f"{_time(state.next)}; {human(state.next - call.now())} left" if state.next < float("inf") else "n/a"
        )
        return [f"    Trigger: {trigger}", f"   Triggers: ● {target}"]
    if not state.pid:
        return []
    command = next((process.args for process in processes(call.node) if process.unit == name), name)
    program = command.split()[0].rsplit("/", 1)[-1]
    return [
        f"   Main PID: {state.pid} ({program})",
        "      Tasks: 14 (limit: 9436)",
        "     Memory: 41.2M",
        f"     CGroup: /system.slice/{name}",
        f"             └─{state.pid} {command}",
    ]


_OF_SERVICES = {"Type", "MainPID", "Result", "NRestarts", "ExecMainStatus"}


def _loaded(unit: Unit | None) -> str:
    if unit is None:
        return "not-found"
    return "masked" if unit.masked else "bad-setting" if bad_setting(unit) else "loaded"


async def show(call: Call, flags: Flags) -> int:
    """Show properties of a unit."""
    for word in flags.words:
        name = full_name(word)
        call.node.systemd.load(name)
        unit, state = call.node.systemd.unit(name), call.node.systemd.state(name)
        # In the order in which systemd prints them, whatever the order of the question.
        found = {
            "Type": (unit.get("Service", "Type") or "simple") if unit and unit.kind == "service" else "",
            "MainPID": str(state.pid),
            "Result": state.result,
            "NRestarts": str(state.restarts),
            "ExecMainStatus": str(state.code),
            "Id": name,
            "Description": unit.description or name if unit else name,
            "LoadState": _loaded(unit),
            "ActiveState": state.active,
            "SubState": state.sub,
            "UnitFileState": unit.enablement(call.node.files) if unit else "",
            "FragmentPath": unit.path if unit else "",
            "NeedDaemonReload": "no",
        }
        if unit is None or unit.kind != "service":
            found = {key: told for key, told in found.items() if key not in _OF_SERVICES}
        wanted = {one for value in flags.all("property") for one in value.split(",")}
        for key in found:
            if key in wanted or not wanted:
                await call.line(found[key] if flags.on("value") else f"{key}={found[key]}")
    return 0


async def reboot(call: Call, flags: Flags) -> int:
    """Reboot the node."""
    del flags
    restart(call)
    return 0
