"""The verbs of systemctl that start, stop and signal units."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.machine.unit_checks import refusal
from lab.cluster.sim.machine.unit_files import ETC, full_name

__all__ = ["kill", "named_units", "reload_units", "restart", "start", "started", "stop", "try_restart"]


def named_units(flags: Flags) -> list[str]:
    """Return the names of the units in the words; raise `Exit` if there is none."""
    if not flags.words:
        raise Exit(1, "Too few arguments.")
    return [full_name(word) for word in flags.words]


async def start(call: Call, flags: Flags) -> int:
    """Start units."""
    code = 0
    for name in named_units(flags):
        if call.node.systemd.unit(name) is None:
            code = await call.fail(f"Failed to start {name}: Unit {name} not found.", 5)
            continue
        code = await started(call, name, flags) or code
    return code


async def started(call: Call, name: str, flags: Flags) -> int:
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


async def stop(call: Call, flags: Flags) -> int:
    """Stop units."""
    code = 0
    for name in named_units(flags):
        systemd = call.node.systemd
        if systemd.unit(name) is None and systemd.state(name).active == "inactive":
            code = await call.fail(f"Failed to stop {name}: Unit {name} not loaded.", 5)
            continue
        systemd.stop(name)
    return code


async def restart(call: Call, flags: Flags) -> int:
    """Stop and start units."""
    for name in named_units(flags):
        if call.node.systemd.unit(name) is None:
            doing = flags.get("verb", "restart")
            return await call.fail(f"Failed to {doing} {name}: Unit {name} not found.", 5)
        call.node.systemd.stop(name)
    return await start(call, flags)


async def try_restart(call: Call, flags: Flags) -> int:
    """Restart the units that run."""
    flags.words = [name for name in named_units(flags) if call.node.systemd.state(name).active != "inactive"
                   or call.node.systemd.unit(name) is None]  # fmt: skip
    return await restart(call, flags) if flags.words else 0


async def reload_units(call: Call, flags: Flags) -> int:
    """Ask services to reload their settings; a node's services can't."""
    for name in named_units(flags):
        unit = call.node.systemd.unit(name)
        if unit is None:
            return await call.fail(f"Failed to reload {name}: Unit {name} not found.", 5)
        if not unit.path.startswith(ETC) or unit.get("Service", "ExecReload"):
            raise NotSimulated(f"systemctl reload {name}")
        return await call.fail(f"Failed to reload {name}: Job type reload is not applicable for unit {name}.", 3)
    return 0


async def kill(call: Call, flags: Flags) -> int:
    """Send a signal to the process of a service."""
    for name in named_units(flags):
        state = call.node.systemd.state(name)
        if call.node.systemd.unit(name) is None and state.active == "inactive":
            return await call.fail(f"Failed to kill unit {name}: Unit {name} not loaded.")
        if state.pid:
            code = await call.run(["kill", f"-{flags.get('signal', 'TERM').removeprefix('SIG')}", str(state.pid)])
            if code:
                return code
    return 0
