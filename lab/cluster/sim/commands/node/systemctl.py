"""systemctl: starts, stops, enables and shows units."""

from collections.abc import Awaitable, Callable

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.commands.node.systemctl_jobs import (
    kill,
    named_units,
    reload_units,
    restart,
    start,
    started,
    stop,
    try_restart,
)
from lab.cluster.sim.commands.node.units import list_timers, list_unit_files, list_units, reboot, show, status
from lab.cluster.sim.machine.unit_files import ETC, disable, enable, load_unit, mask, unmask

__all__ = ["systemctl"]

_VALUED = {
    "-t": "type",
    "--type": "type",
    "--state": "state",
    "-n": "lines",
    "--lines": "lines",
    "-p": "property",
    "--property": "property",
    "-o": "output",
    "--output": "output",
    "-s": "signal",
    "--signal": "signal",
}
_SWITCHES = {
    "-q": "quiet", "--quiet": "quiet", "--now": "now", "--no-pager": "no-pager", "--no-legend": "no-legend",
    "--plain": "plain", "-a": "all", "--all": "all", "-l": "full", "--full": "full", "--failed": "failed",
    "--no-block": "no-block", "--value": "value", "-f": "force", "--force": "force", "--no-ask-password": "no-ask",
}  # fmt: skip


_OUTPUTS = {
    "short",
    "short-full",
    "short-iso",
    "short-iso-precise",
    "short-precise",
    "short-monotonic",
    "short-unix",
    "short-delta",
    "verbose",
    "export",
    "json",
    "json-pretty",
    "json-sse",
    "json-seq",
    "cat",
    "with-unit",
}
_NO_INSTALLATION = """\
The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled using systemctl.
\x20
Possible reasons for having this kind of units are:
• A unit may be statically enabled by being symlinked from another unit's
  .wants/ or .requires/ directory.
• A unit's purpose may be to act as a helper for some other unit which has
  a requirement dependency on it.
• A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
• In case of template units, the unit is meant to be enabled with some
  instance name specified.
"""


async def systemctl(call: Call) -> int:
    """Run systemctl."""
    try:
        flags = parse(call.argv, _VALUED, _SWITCHES, program="systemctl", optional={"--legend": "legend:true"})
        flags.words += flags.rest or []
        _check_values(flags)
        verb = flags.words[0] if flags.words else "list-units"
        flags.words = flags.words[1:]
        flags.values["verb"] = [verb]
        if verb == "list-units" and flags.on("failed"):
            flags.values["state"] = ["failed"]
        function = _VERBS.get(verb)
        if function is None and verb not in _REAL:
            raise Exit(1, f"Unknown command verb {verb}.")  # noqa: TRY301 -- told like what else may fail here
        if function is None:
            raise NotSimulated(f"systemctl {verb}")
        return await function(call, flags)
    except Exit as end:
        return await call.fail(end.message, end.code)


def _check_values(flags: Flags) -> None:
    """Refuse values that no verb takes."""
    for value in flags.all("lines"):
        if not value.isdigit() and value != "all":
            raise Exit(1, f"Failed to parse lines '{value}'")
    for value in flags.all("output"):
        if value not in _OUTPUTS:
            raise Exit(1, f"Unknown output '{value}'.")


async def _enable(call: Call, flags: Flags) -> int:
    code = 0
    for name in named_units(flags):
        unit = call.node.systemd.unit(name)
        if unit is None:
            return await call.fail(f"Failed to enable unit: Unit file {name} does not exist.")
        if unit.masked:
            return await call.fail(f"Failed to enable unit: Unit file {unit.path} is masked.")
        if not unit.wanted_by() and not unit.every("Install", "Also") and not flags.on("quiet"):
            await call.err(_NO_INSTALLATION)
        for line in enable(call.node.files, unit):
            if not flags.on("quiet"):
                await call.err(line + "\n")
        if flags.on("now"):
            code = await started(call, name, flags) or code
    return code


async def _mask(call: Call, flags: Flags) -> int:
    for name in named_units(flags):
        if call.node.systemd.unit(name) is None:
            await call.err(f"Unit {name} does not exist, proceeding anyway.\n")
        known = call.node.systemd.unit(name)
        call.node.systemd.load(name)
        if told := mask(call.node.files, name):
            return await call.fail(f"Failed to mask unit: {told}")
        if not flags.on("quiet") and not (known and known.masked):
            await call.err(f"Created symlink {ETC}/{name} → /dev/null.\n")
        if flags.on("now"):
            call.node.systemd.stop(name)
    return 0


async def _unmask(call: Call, flags: Flags) -> int:
    for name in named_units(flags):
        if unmask(call.node.files, name) and not flags.on("quiet"):
            await call.err(f'Removed "{ETC}/{name}".\n')
    return 0


async def _disable(call: Call, flags: Flags) -> int:
    for name in named_units(flags):
        unit = call.node.systemd.unit(name)
        said = disable(call.node.files, name)
        if unit is None and not said:
            return await call.fail(f"Failed to disable unit: Unit file {name} does not exist.")
        for line in said:
            if not flags.on("quiet"):
                await call.err(line + "\n")
        if flags.on("now"):
            call.node.systemd.stop(name)
    return 0


def _states(call: Call, flags: Flags) -> list[str]:
    """Return whether the named units are active, failed and so on; their files are read first."""
    names = named_units(flags)
    for name in names:
        call.node.systemd.load(name)
    return [call.node.systemd.state(name).active for name in names]


async def _is_active(call: Call, flags: Flags) -> int:
    states = _states(call, flags)
    if not flags.on("quiet"):
        await call.out("".join(f"{state}\n" for state in states))
    return 0 if "active" in states else 3


async def _is_enabled(call: Call, flags: Flags) -> int:
    code = 1
    for name in named_units(flags):
        unit = call.node.systemd.unit(name)
        if unit is None:
            return await call.fail(f"Failed to get unit file state for {name}: No such file or directory")
        state = unit.enablement(call.node.files)
        if not flags.on("quiet"):
            await call.line(state)
        code = 0 if state in {"enabled", "static"} else code
    return code


async def _is_failed(call: Call, flags: Flags) -> int:
    states = _states(call, flags)
    await call.out("".join(f"{state}\n" for state in states))
    return 0 if "failed" in states else 1


async def _cat(call: Call, flags: Flags) -> int:
    shown = []
    for name in named_units(flags):
        unit = load_unit(call.node.files, name)
        if unit is None:
            return await call.fail(f"No files found for {name}.")
        if unit.masked:
            shown.append(f"# Unit {name} is masked.\n")
            continue
        shown += [f"# {path}\n{call.node.files.get(path)}" for path in (unit.path, *unit.drop_ins)]
    await call.out("\n".join(shown))
    return 0


async def _nothing(call: Call, flags: Flags) -> int:
    del call, flags
    return 0


async def _reload(call: Call, flags: Flags) -> int:
    """Reload the unit files; units that are not running lose the time of their end."""
    del flags
    call.node.systemd.reload()
    for state in call.node.systemd.states.values():
        if state.active == "inactive":
            state.since = 0.0
    return 0


async def _default(call: Call, flags: Flags) -> int:
    del flags
    await call.line("multi-user.target")
    return 0


async def _jobs(call: Call, flags: Flags) -> int:
    del flags
    await call.line("No jobs running.")
    return 0


async def _reset_failed(call: Call, flags: Flags) -> int:
    for name in named_units(flags) if flags.words else []:
        if call.node.systemd.unit(name) is None and call.node.systemd.state(name).active == "inactive":
            return await call.fail(f"Failed to reset failed state of unit {name}: Unit {name} not loaded.")
    for name, state in call.node.systemd.states.items():
        if state.active == "failed" and (not flags.words or name in named_units(flags)):
            state.active, state.sub, state.result, state.code = "inactive", "dead", "success", 0
    return 0


async def _is_system_running(call: Call, flags: Flags) -> int:
    del flags
    failed = any(state.active == "failed" for state in call.node.systemd.states.values())
    await call.line("degraded" if failed else "running")
    return int(failed)


_VERBS: dict[str, Callable[[Call, Flags], Awaitable[int]]] = {
    "start": start,
    "stop": stop,
    "restart": restart,
    "reload-or-restart": restart,
    "try-restart": try_restart,
    "mask": _mask,
    "unmask": _unmask,
    "enable": _enable,
    "disable": _disable,
    "is-active": _is_active,
    "is-enabled": _is_enabled,
    "is-failed": _is_failed,
    "get-default": _default,
    "list-jobs": _jobs,
    "reload": reload_units,
    "kill": kill,
    "cat": _cat,
    "daemon-reload": _reload,
    "daemon-reexec": _nothing,
    "reset-failed": _reset_failed,
    "status": status,
    "list-units": list_units,
    "list-unit-files": list_unit_files,
    "list-timers": list_timers,
    "show": show,
    "is-system-running": _is_system_running,
    "reboot": reboot,
}

#: Verbs of the real systemctl that are not simulated.
_REAL = frozenset(
    [
        "edit",
        "link",
        "preset",
        "preset-all",
        "revert",
        "add-wants",
        "add-requires",
        "set-default",
        "isolate",
        "list-sockets",
        "list-paths",
        "list-mounts",
        "list-automounts",
        "list-dependencies",
        "list-machines",
        "cancel",
        "show-environment",
        "set-environment",
        "unset-environment",
        "import-environment",
        "log-level",
        "log-target",
        "whoami",
        "clean",
        "freeze",
        "thaw",
        "set-property",
        "bind",
        "mount-image",
        "service-log-level",
        "service-log-target",
        "reenable",
        "help",
        "default",
        "rescue",
        "emergency",
        "halt",
        "poweroff",
        "kexec",
        "exit",
        "switch-root",
        "sleep",
        "suspend",
        "hibernate",
        "hybrid-sleep",
        "suspend-then-hibernate",
        "reload-or-try-restart",
        "condrestart",
        "force-reload",
        "try-reload-or-restart",
    ]
)
