"""systemctl: starts, stops, enables and shows units."""

from collections.abc import Awaitable, Callable

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.commands.node.units import list_timers, list_unit_files, list_units, reboot, show, status
from lab.cluster.sim.machine.unit_checks import refusal
from lab.cluster.sim.machine.unit_files import ETC, disable, enable, full_name, load_unit, mask, unmask

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


def _units(flags: Flags) -> list[str]:
    if not flags.words:
        raise Exit(1, "Too few arguments.")
    return [full_name(word) for word in flags.words]


async def _start(call: Call, flags: Flags) -> int:
    code = 0
    for name in _units(flags):
        if call.node.systemd.unit(name) is None:
            code = await call.fail(f"Failed to start {name}: Unit {name} not found.", 5)
            continue
        code = await _started(call, name, flags) or code
    return code


async def _started(call: Call, name: str, flags: Flags) -> int:
    """Start a unit that exists, and say why it did not come up."""
    code, systemd = 0, call.node.systemd
    unit = systemd.unit(name)
    found = refusal(call.node.files, unit) if unit else None
    systemd.start(name)
    if found:
        doing = "restart" if "restart" in flags.get("verb", "") else "start"
        return await call.fail(found.told.replace("Failed to start", f"Failed to {doing}", 1), found.code)
    await _settle(call, name)
    state = systemd.state(name)
    # A simple service has started, even if its program ends at once.
    simple = unit is not None and not unit.native and unit.get("Service", "Type") in {"", "simple", "idle"}
    if state.active == "failed" and (not simple or state.result == "resources"):
        why = "the control process exited with error code"
        if state.result == "resources":
            why = "of unavailable resources or another system error"
        code = await call.fail(
            f"Job for {name} failed because {why}.\n"
            f'See "systemctl status {name}" and "journalctl -xeu {name}" for details.'
        )
    return code


async def _settle(call: Call, name: str) -> None:
    """Wait for a oneshot service: it counts as started once it has ended."""
    waited = 0.0
    while call.node.systemd.state(name).sub == "start" and waited < 90:
        await call.sleep(0.1)
        waited += 0.1


async def _stop(call: Call, flags: Flags) -> int:
    code = 0
    for name in _units(flags):
        systemd = call.node.systemd
        if systemd.unit(name) is None and systemd.state(name).active == "inactive":
            code = await call.fail(f"Failed to stop {name}: Unit {name} not loaded.", 5)
            continue
        systemd.stop(name)
    return code


async def _restart(call: Call, flags: Flags) -> int:
    for name in _units(flags):
        if call.node.systemd.unit(name) is None:
            doing = flags.get("verb", "restart")
            return await call.fail(f"Failed to {doing} {name}: Unit {name} not found.", 5)
        call.node.systemd.stop(name)
    return await _start(call, flags)


async def _enable(call: Call, flags: Flags) -> int:
    code = 0
    for name in _units(flags):
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
            code = await _started(call, name, flags) or code
    return code


async def _mask(call: Call, flags: Flags) -> int:
    for name in _units(flags):
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
    for name in _units(flags):
        if unmask(call.node.files, name) and not flags.on("quiet"):
            await call.err(f'Removed "{ETC}/{name}".\n')
    return 0


async def _try_restart(call: Call, flags: Flags) -> int:
    """Restart the units that run."""
    flags.words = [name for name in _units(flags) if call.node.systemd.state(name).active != "inactive"
                   or call.node.systemd.unit(name) is None]  # fmt: skip
    return await _restart(call, flags) if flags.words else 0


async def _disable(call: Call, flags: Flags) -> int:
    for name in _units(flags):
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


async def _is_active(call: Call, flags: Flags) -> int:
    for name in _units(flags):
        call.node.systemd.load(name)
    states = [call.node.systemd.state(name).active for name in _units(flags)]
    if not flags.on("quiet"):
        await call.out("".join(f"{state}\n" for state in states))
    return 0 if "active" in states else 3


async def _is_enabled(call: Call, flags: Flags) -> int:
    code = 1
    for name in _units(flags):
        unit = call.node.systemd.unit(name)
        if unit is None:
            return await call.fail(f"Failed to get unit file state for {name}: No such file or directory")
        state = unit.enablement(call.node.files)
        if not flags.on("quiet"):
            await call.line(state)
        code = 0 if state in {"enabled", "static"} else code
    return code


async def _is_failed(call: Call, flags: Flags) -> int:
    for name in _units(flags):
        call.node.systemd.load(name)
    states = [call.node.systemd.state(name).active for name in _units(flags)]
    await call.out("".join(f"{state}\n" for state in states))
    return 0 if "failed" in states else 1


async def _cat(call: Call, flags: Flags) -> int:
    shown = []
    for name in _units(flags):
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


async def _reload_units(call: Call, flags: Flags) -> int:
    """Ask services to reload their settings; a node's services can't."""
    for name in _units(flags):
        unit = call.node.systemd.unit(name)
        if unit is None:
            return await call.fail(f"Failed to reload {name}: Unit {name} not found.", 5)
        if not unit.path.startswith(ETC) or unit.get("Service", "ExecReload"):
            raise NotSimulated(f"systemctl reload {name}")
        return await call.fail(f"Failed to reload {name}: Job type reload is not applicable for unit {name}.", 3)
    return 0


async def _kill(call: Call, flags: Flags) -> int:
    """Send a signal to the process of a service."""
    for name in _units(flags):
        state = call.node.systemd.state(name)
        if call.node.systemd.unit(name) is None and state.active == "inactive":
            return await call.fail(f"Failed to kill unit {name}: Unit {name} not loaded.")
        if state.pid:
            code = await call.run(["kill", f"-{flags.get('signal', 'TERM').removeprefix('SIG')}", str(state.pid)])
            if code:
                return code
    return 0


async def _reset_failed(call: Call, flags: Flags) -> int:
    for name in _units(flags) if flags.words else []:
        if call.node.systemd.unit(name) is None and call.node.systemd.state(name).active == "inactive":
            return await call.fail(f"Failed to reset failed state of unit {name}: Unit {name} not loaded.")
    for name, state in call.node.systemd.states.items():
        if state.active == "failed" and (not flags.words or name in _units(flags)):
            state.active, state.sub, state.result, state.code = "inactive", "dead", "success", 0
    return 0


async def _is_system_running(call: Call, flags: Flags) -> int:
    del flags
    failed = any(state.active == "failed" for state in call.node.systemd.states.values())
    await call.line("degraded" if failed else "running")
    return int(failed)


_VERBS: dict[str, Callable[[Call, Flags], Awaitable[int]]] = {
    "start": _start,
    "stop": _stop,
    "restart": _restart,
    "reload-or-restart": _restart,
    "try-restart": _try_restart,
    "mask": _mask,
    "unmask": _unmask,
    "enable": _enable,
    "disable": _disable,
    "is-active": _is_active,
    "is-enabled": _is_enabled,
    "is-failed": _is_failed,
    "get-default": _default,
    "list-jobs": _jobs,
    "reload": _reload_units,
    "kill": _kill,
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
        "get-default",
        "set-default",
        "kill",
        "isolate",
        "list-sockets",
        "list-paths",
        "list-mounts",
        "list-automounts",
        "list-dependencies",
        "list-jobs",
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
        "reload",
        "reload-or-try-restart",
        "condrestart",
        "force-reload",
        "try-reload-or-restart",
        "is-system-running",
    ]
)
