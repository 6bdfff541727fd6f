"""Kernel settings: their names, the files that set them, and how a boot applies these files."""

import posixpath
import re

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["Applying", "Sysctls", "lines_of", "settings", "sysctl_path", "system_files"]

#: Names of one setting: the kernel changes both, and those of every interface and of new ones.
_FORWARDING = tuple(f"/proc/sys/net/ipv4/{name}" for name in ("ip_forward", "conf/all/forwarding"))
_INTERFACES = "/proc/sys/net/ipv4/conf"
#: Bounds of settings that do not take every integer of 32 bits.
_BOUNDS = {"/proc/sys/vm/swappiness": (0, 200)}
_FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")


@stateful
class Sysctls:
    """The kernel settings of one machine, which are files under /proc/sys."""

    _files: Given[Files]

    def __init__(self, files: Files) -> None:
        self._files = files

    def get(self, key: str) -> str | None:
        """Return the value of a setting, or None if the kernel has no setting of that name."""
        path = sysctl_path(key)
        return self._files.get(path).strip() if self._files.is_file(path) else None

    def set(self, key: str, value: str) -> bool:
        """Change a setting; return whether the kernel has it and takes the value."""
        path = sysctl_path(key)
        if not self._files.is_file(path):
            return False
        kept = self._taken(path, value)
        if kept is None:
            return False
        value, paths = kept, [path]
        if path in _FORWARDING:
            names = self._files.names(_INTERFACES)
            paths = [*_FORWARDING, *(f"{_INTERFACES}/{name}/forwarding" for name in names if name != "all")]
        for one in filter(self._files.is_file, paths):
            # A timer that sets the present value does not change the machine.
            if self._files.get(one) != value + "\n":
                self._files.write(one, value + "\n")
        return True

    def _taken(self, path: str, value: str) -> str | None:
        """Return the value that the kernel keeps, or None if it refuses `value`.

        Of a setting that is one integer it reads an integer, and ignores what follows behind a space.
        """
        if not re.fullmatch(r"-?\d+", self._files.get(path).strip()):
            return value
        found = re.match(r"(-?\d+)(?=\s|$)", value.strip())
        low, high = _BOUNDS.get(path, (-(2**31), 2**31 - 1))
        return found.group(1) if found and low <= int(found.group(1)) <= high else None

    def apply_files(self) -> None:
        """Apply the settings files, as systemd-sysctl does at boot."""
        chosen: dict[str, str] = {}
        for path in system_files(self._files):
            for name, value, _ in settings(self._files.get(path)):
                # The last assignment of a name is also applied last: one setting may have two names.
                chosen.pop(name, None)
                chosen[name] = value
        for name, value in chosen.items():
            self.set(name, value)


class Applying:
    """The program of systemd-sysctl.service: it applies the files each time it starts."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def start(self) -> int:
        """Apply the settings files; return 1 if one has a line that is no assignment."""
        Sysctls(self._files).apply_files()
        files = self._files
        return int(any(not name for path in system_files(files) for _, name, _, _ in lines_of(files.get(path))))

    def stop(self) -> None:
        """Leave the settings as they are."""


def sysctl_path(key: str) -> str:
    """Return the file in /proc/sys of a kernel setting, with either separator."""
    return "/proc/sys/" + (key if "/" in key else key.replace(".", "/"))


def settings(text: str) -> list[tuple[str, str, bool]]:
    """Return (name, value, whether it may fail) for each line of a settings file."""
    return [(name, value, lenient) for _, name, value, lenient in lines_of(text) if name]


def lines_of(text: str) -> list[tuple[int, str, str, bool]]:
    """Return the same with the number of each line; a line that is no setting has an empty name."""
    found = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line and line[0] not in "#;":
            name, equals, value = line.partition("=")
            if line.startswith("-") and not equals:
                continue  # a setting that other files may not change
            named = name.removeprefix("-").rstrip().replace("/", ".") if equals else ""
            found.append((number, named, value.strip(), name.startswith("-")))
    return found


def system_files(files: Files) -> list[str]:
    """Return the files that a boot applies, sorted by name; of equal names the first folder wins."""
    chosen: dict[str, str] = {}
    for folder in _FOLDERS:
        for name in files.names(folder):
            if name.endswith(".conf"):
                chosen.setdefault(name, posixpath.join(folder, name))
    paths = [chosen[name] for name in sorted(chosen)]
    return [*paths, "/etc/sysctl.conf"] if files.is_file("/etc/sysctl.conf") else paths
