"""Kernel settings: their names, the files that set them, and how a boot applies these files."""

import posixpath

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["Sysctls", "settings", "sysctl_path", "system_files"]

#: Two names of one setting: the kernel changes both.
_FORWARDING = tuple(f"/proc/sys/net/ipv4/{name}" for name in ("ip_forward", "conf/all/forwarding"))
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
        """Change a setting; return whether the kernel has it."""
        path = sysctl_path(key)
        if not self._files.is_file(path):
            return False
        for one in _FORWARDING if path in _FORWARDING else (path,):
            # A timer that sets the present value does not change the machine.
            if self._files.get(one) != value + "\n":
                self._files.write(one, value + "\n")
        return True

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


def sysctl_path(key: str) -> str:
    """Return the file in /proc/sys of a kernel setting, with either separator."""
    return "/proc/sys/" + (key if "/" in key else key.replace(".", "/"))


def settings(text: str) -> list[tuple[str, str, bool]]:
    """Return (name, value, whether it may fail) for each line of a settings file."""
    found = []
    for raw in text.splitlines():
        line = raw.strip()
        if line and line[0] not in "#;" and "=" in line:
            name, _, value = line.partition("=")
            lenient = name.startswith("-")
            found.append((name.lstrip("-").strip().replace("/", "."), value.strip(), lenient))
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
