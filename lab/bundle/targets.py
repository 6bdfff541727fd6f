"""The systems that a bundle can be for: the platform tags of their wheels, and the values of markers there."""

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

__all__ = ["PYTHONS", "TARGETS", "Target"]

#: The supported versions of Python.
PYTHONS = ((3, 11), (3, 12), (3, 13))
#: The oldest maintained Debian and Ubuntu releases have a newer glibc than this.
_GLIBC = 31
_MACOS = (13, 0)


@dataclass(frozen=True, slots=True)
class Target:
    """One system with one kind of processor."""

    name: str
    #: Platform tags, the best one first.
    platforms: tuple[str, ...]
    markers: Mapping[str, str]

    def environment(self, python: tuple[int, int]) -> dict[str, str]:
        """Return the values of all markers for CPython `python`."""
        version = ".".join(map(str, python))
        named = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        return {**self.markers, **named, "python_version": version, "python_full_version": f"{version}.0"}

    def tags(self, python: tuple[int, int]) -> frozenset[Tag]:
        """Return the tags of the wheels that can be installed there, for CPython `python`."""
        interpreter, platforms = f"cp{python[0]}{python[1]}", list(self.platforms)
        fit = cpython_tags(python, platforms=platforms)
        return frozenset([*fit, *compatible_tags(python, interpreter, platforms)])


def _glibc(machine: str) -> tuple[str, ...]:
    old = {"x86_64": ["manylinux2014", "manylinux2010", "manylinux1"], "aarch64": ["manylinux2014"]}[machine]
    new = [f"manylinux_2_{minor}" for minor in range(_GLIBC, 4, -1)]
    return tuple(f"{name}_{machine}" for name in (*new, *old))


def _musl(machine: str) -> tuple[str, ...]:
    return tuple(f"musllinux_1_{minor}_{machine}" for minor in (2, 1, 0))


_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
_MAC = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"}
_WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}

#: All targets by name. `linux` is Linux with glibc, `musl` is Linux with musl (Alpine).
TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("linux-amd64", _glibc("x86_64"), {**_LINUX, "platform_machine": "x86_64"}),
        Target("linux-arm64", _glibc("aarch64"), {**_LINUX, "platform_machine": "aarch64"}),
        Target("musl-amd64", _musl("x86_64"), {**_LINUX, "platform_machine": "x86_64"}),
        Target("musl-arm64", _musl("aarch64"), {**_LINUX, "platform_machine": "aarch64"}),
        Target("macos-amd64", tuple(mac_platforms(_MACOS, "x86_64")), {**_MAC, "platform_machine": "x86_64"}),
        Target("macos-arm64", tuple(mac_platforms(_MACOS, "arm64")), {**_MAC, "platform_machine": "arm64"}),
        Target("windows-amd64", ("win_amd64",), {**_WINDOWS, "platform_machine": "AMD64"}),
    )
}
