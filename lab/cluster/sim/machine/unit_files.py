"""Unit files: their folders, their settings, and whether they are enabled."""

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lab.cluster.sim.machine.calendar import is_span
from lab.cluster.sim.machine.files import Files

__all__ = [
    "ETC",
    "RUNNING",
    "TYPES",
    "WHEN",
    "Unit",
    "disable",
    "enable",
    "load_unit",
    "mask",
    "unit_names",
    "unmask",
]

ETC = "/etc/systemd/system"
LIB = "/lib/systemd/system"
_SUFFIXES = (".service", ".timer", ".target", ".mount", ".socket", ".path", ".slice", ".scope")
#: Targets that systemd brings along.
_TARGETS = {
    f"{name}.target"
    for name in (
        "basic", "default", "emergency", "getty", "graphical", "halt", "local-fs", "multi-user", "network",
        "network-online", "paths", "poweroff", "reboot", "remote-fs", "rescue", "shutdown", "slices", "sockets",
        "sysinit", "time-sync", "timers",
    )
}  # fmt: skip
#: Services that run on every node from its start.
RUNNING = (
    "systemd-journald.service",
    "dbus.service",
    "systemd-tmpfiles-clean.timer",
    "containerd.service",
    "kubelet.service",
)
#: Services with a program in the model instead of a shell command.
_NATIVE = (
    "kubelet.service",
    "containerd.service",
    "systemd-",
    "dbus.service",
    "init.scope",
    "undo-mount-hacks.service",
)


@dataclass(slots=True)
class Unit:
    """A unit as described by its files."""

    name: str
    path: str
    sections: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    drop_ins: list[str] = field(default_factory=list)
    #: Commands before its program that drop-ins have added.
    added_first: list[str] = field(default_factory=list)

    #: Whether a link to /dev/null is in its place.
    masked: bool = False

    @property
    def kind(self) -> str:
        """`service`, `timer`, ..."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def native(self) -> bool:
        """Whether its program is a part of the model."""
        return self.name.startswith(_NATIVE) or self.path.startswith(LIB)

    @property
    def description(self) -> str:
        """Its description."""
        return self.get("Unit", "Description")

    def every(self, section: str, key: str) -> list[str]:
        """Return all values of a key; an empty value drops the values before it."""
        found: list[str] = []
        for name, value in self.sections.get(section, []):
            if name == key and (not value or _READ.get(key, _anything)(value)):
                found = [*found, value] if value else []
        return found

    def get(self, section: str, key: str) -> str:
        """Return the last value of a key, or an empty string."""
        values = self.every(section, key)
        return values[-1] if values else ""

    def first(self) -> list[str]:
        """Return the commands that run before its program; for a program of the model, only the added ones."""
        return self.added_first if self.native else self.every("Service", "ExecStartPre")

    def wanted_by(self) -> list[str]:
        """Return the targets that start it once it is enabled."""
        return [word for value in self.every("Install", "WantedBy") for word in value.split()]

    def enabled(self, files: Files) -> bool:
        """Whether it starts at boot."""
        return any(files.exists(f"{ETC}/{target}.wants/{self.name}") for target in self.wanted_by())

    def enablement(self, files: Files) -> str:
        """Return the STATE that list-unit-files shows."""
        if self.masked:
            return "masked"
        if "Install" not in self.sections:
            return "static"
        if self.enabled(files):
            return "enabled"
        return "disabled" if self.wanted_by() else "indirect"


def full_name(name: str) -> str:
    """Return a unit's name with its suffix."""
    return name if name.endswith(_SUFFIXES) else f"{name}.service"


def load_unit(files: Files, name: str) -> Unit | None:
    """Read the unit called `name` with its drop-ins."""
    name = full_name(name)
    for folder in (ETC, "/run/systemd/system", LIB):
        path = posixpath.join(folder, name)
        if _is_mask(files, path):
            return Unit(name, path, masked=True)
        if files.is_file(path):
            unit = Unit(name, path)
            _parse(files.get(path), unit.sections)
            for drop_in in files.names(f"{ETC}/{name}.d"):
                if drop_in.endswith(".conf"):
                    unit.drop_ins.append(f"{ETC}/{name}.d/{drop_in}")
                    _parse(files.get(unit.drop_ins[-1]), unit.sections)
                    added = Unit(name, unit.drop_ins[-1])
                    _parse(files.get(added.path), added.sections)
                    unit.added_first += added.every("Service", "ExecStartPre")
            return unit
    return None


def _is_mask(files: Files, path: str) -> bool:
    folder, name = posixpath.split(path)
    linked = files.about(folder).get(name, {}).get("file_type") == "symlink"
    return linked and files.system.read_link(path) == "/dev/null"


def mask(files: Files, name: str) -> str:
    """Put a link to /dev/null in the place of a unit; return an error, or an empty string."""
    path = f"{ETC}/{name}"
    if name in files.names(ETC):
        return "" if _is_mask(files, path) else f"File {path} already exists."
    files.system.symlink("/dev/null", path)
    return ""


def unmask(files: Files, name: str) -> bool:
    """Remove the link of a masked unit; return whether there was one."""
    found = name in files.names(ETC) and _is_mask(files, f"{ETC}/{name}")
    if found:
        files.system.remove(f"{ETC}/{name}")
    return found


def _anything(value: str) -> bool:
    del value
    return True


#: The types of services, and when they start again.
TYPES = {"simple", "exec", "forking", "oneshot", "dbus", "notify", "idle"}
WHEN = {"no", "always", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort"}
#: Key -> whether its value can be read; otherwise the line is ignored.
_READ: Mapping[str, Callable[[str], bool]] = {
    "Type": TYPES.__contains__, "Restart": WHEN.__contains__, "RestartSec": is_span,
}  # fmt: skip


def _parse(text: str, sections: dict[str, list[tuple[str, str]]]) -> None:
    section = ""
    joined = text.replace("\\\n", " ")
    for raw in joined.splitlines():
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
            sections.setdefault(section, [])
        elif "=" in line and section:
            key, _, value = line.partition("=")
            sections[section].append((key.strip(), value.strip()))


def unit_names(files: Files) -> list[str]:
    """Return the names of all units with a file."""
    found = {
        name
        for folder in (ETC, "/run/systemd/system", LIB)
        for name in files.names(folder)
        if name.endswith(_SUFFIXES) and files.is_file(posixpath.join(folder, name))
    }
    return sorted(found)


def enable(files: Files, unit: Unit) -> list[str]:
    """Enable a unit and the units in its Also=; return systemctl's messages."""
    said = []
    for target in unit.wanted_by():
        link = f"{ETC}/{target}.wants/{unit.name}"
        if not files.exists(link):
            files.mkdir(f"{ETC}/{target}.wants")
            files.system.symlink(unit.path, link)
            said.append(f"Created symlink {link} → {unit.path}.")
            if target not in _TARGETS and load_unit(files, target) is None:
                said.append(f"Unit {unit.path} is added as a dependency to a non-existent unit {target}.")
    return said


def disable(files: Files, name: str) -> list[str]:
    """Disable the unit called `name`, even if its file is gone."""
    said = []
    for folder in files.names(ETC):
        link = f"{ETC}/{folder}/{name}"
        if folder.endswith((".wants", ".requires")) and name in files.names(f"{ETC}/{folder}"):
            files.system.remove(link)
            said.append(f'Removed "{link}".')
            if not files.names(f"{ETC}/{folder}"):
                files.remove(f"{ETC}/{folder}")
    return said
