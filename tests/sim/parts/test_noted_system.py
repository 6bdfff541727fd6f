"""A file system's notes about its files equal the result of a walk."""

import contextlib
from collections.abc import Callable

from bashkit import FileSystem
from hypothesis import given
from hypothesis import strategies as some

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.noted_system import About, NotedSystem

_PATHS = [
    "/a", "/a/b", "/a/b/c", "/a/bc", "/d", "/d/e", "/d/e/f", "/dev/x",
    "/proc/uptime", "/proc/sys/kernel", "/home/x",
]  # fmt: skip
paths = some.sampled_from(_PATHS)


def _write(system: NotedSystem, path: str, other: str) -> None:
    system.write_file(path, other.encode())


def _append(system: NotedSystem, path: str, other: str) -> None:
    system.append_file(path, other.encode())


def _mode(system: NotedSystem, path: str, other: str) -> None:
    system.chmod(path, 0o600 + len(other))


def _mkdir(system: NotedSystem, path: str, _other: str) -> None:
    system.mkdir(path, True)  # noqa: FBT003 -- as the library has it


def _remove(system: NotedSystem, path: str, _other: str) -> None:
    system.remove(path, True)


def _rename(system: NotedSystem, path: str, other: str) -> None:
    system.rename(path, other)


def _copy(system: NotedSystem, path: str, other: str) -> None:
    system.copy(path, other)


def _link(system: NotedSystem, path: str, other: str) -> None:
    system.symlink(path, other)


def _past_it(system: NotedSystem, path: str, other: str) -> None:
    with system.lent() as own:
        own.write_file(path, other.encode())


Step = Callable[[NotedSystem, str, str], None]
steps = some.sampled_from([_write, _append, _mode, _mkdir, _remove, _rename, _copy, _link, _past_it])


def walked(system: NotedSystem) -> dict[str, About]:
    with system.lent():
        return system.entries()


def asked(system: NotedSystem | FileSystem) -> list[object]:
    """Return all that can be asked about the paths."""
    found: list[object] = []
    for path in _PATHS:
        found.append(system.exists(path))
        for ask in (system.stat, system.read_dir):
            try:
                found.append(ask(path))
            except RuntimeError:
                found.append(None)
    return found


@given(ran=some.lists(some.tuples(steps, paths, paths, some.booleans()), max_size=30))
def test_what_was_asked_before_is_forgotten_when_it_changes(ran: list[tuple[Step, str, str, bool]]) -> None:
    system = NotedSystem(lambda: 0.0)
    for step, path, other, look in ran:
        writes = system.writes
        with contextlib.suppress(RuntimeError):
            step(system, path, other)
            assert system.writes > writes or step is _mkdir
        if look:
            asked(system)
    now = asked(system)
    with system.lent() as own:
        assert now == asked(own)


def named(system: NotedSystem) -> list[object]:
    """Return the kind and the mode of all paths, from the library."""
    own, found = system._own, list[object]()
    for path in _PATHS:
        about = own.stat(path) if own.exists(path) else {}
        found.append((about.get("file_type"), about.get("mode")))
    return found


@given(ran=some.lists(some.tuples(steps, paths, paths, some.booleans()), max_size=30))
def test_changes_of_names_and_modes_are_counted(ran: list[tuple[Step, str, str, bool]]) -> None:
    system = NotedSystem(lambda: 0.0)
    for step, path, other, look in ran:
        if look:
            asked(system)
        before, count = named(system), system.named
        with contextlib.suppress(RuntimeError):
            step(system, path, other)
        assert system.named > count or named(system) == before


def test_a_write_that_changes_no_name_and_no_mode_is_not_counted() -> None:
    files = Files()
    files.write("/etc/x", "1")
    assert files.remembered("question") is None
    files.remember("question", "answer")
    files.write("/etc/x", "2")
    files.append("/etc/x", b"3")
    assert files.remembered("question") == "answer"
    files.write("/etc/y", "1")
    assert files.remembered("question") is None


@given(ran=some.lists(some.tuples(steps, paths, paths, some.booleans()), max_size=30))
def test_known_entries_equal_the_real_ones(ran: list[tuple[Step, str, str, bool]]) -> None:
    system = NotedSystem(lambda: 0.0)
    for step, path, other, look in ran:
        before = system.entries()
        with contextlib.suppress(RuntimeError):
            step(system, path, other)
        if look:
            known = system.entries()
            assert all(known[each] is about for each, about in before.items() if known.get(each) == about)

    known = system.entries()
    assert known == walked(system)


def test_while_a_shell_has_the_files_they_are_compared_each_time() -> None:
    files = Files()
    with files.lent() as own:
        assert "/etc/x" not in files.system.entries()
        own.mkdir("/etc", True)  # noqa: FBT003 -- as the library has it
        own.write_file("/etc/x", b"1")
        assert "/etc/x" in files.system.entries()
        own.remove("/etc/x")
    assert "/etc/x" not in files.system.entries()


def test_a_file_is_turned_into_data_once() -> None:
    files = Files()
    files.write("/etc/x", "1")
    files.write("/etc/y", "2")
    before = files.state()
    files.write("/etc/y", "3")
    after = files.state()

    assert before["/etc/x"] is after["/etc/x"]
    assert before["/etc/y"] != after["/etc/y"]
