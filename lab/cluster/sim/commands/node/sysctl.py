"""sysctl: kernel settings by name, from files, and as at boot."""

import posixpath

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.commands.node.help_pages import page
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.sysctls import lines_of, settings, sysctl_path, system_files

__all__ = ["sysctl"]

_VALUED = {"-r": "pattern", "--pattern": "pattern"}
_SWITCHES = {
    "-w": "write",
    "--write": "write",
    "-n": "values",
    "--values": "values",
    "-e": "ignore",
    "--ignore": "ignore",
    "-q": "quiet",
    "--quiet": "quiet",
    "-a": "all",
    "--all": "all",
    "--system": "system",
    "--dry-run": "dry-run",
    "-A": "all",
    "-N": "names",
    "--names": "names",
    "-p": "load",
    "--load": "load",
    "-b": "binary",
}


async def sysctl(call: Call) -> int:
    """Run sysctl."""
    argv = [
        f"--load={word[2:]}" if word.startswith("-p") and len(word) > 2 and word[2] == "/" else word
        for word in call.argv
    ]
    paths = [word.partition("=")[2] for word in argv if word.startswith("--load=")]
    argv = ["-p" if word.startswith("--load=") else word for word in argv]
    try:
        flags = parse(argv, _VALUED, _SWITCHES, program="sysctl")
    except Exit as end:
        return await call.fail(end.message, end.code)
    if flags.on("system"):
        return await _system(call, flags)
    if flags.on("load"):
        return await _load(call, flags, [*paths, *flags.words] or ["/etc/sysctl.conf"])
    if flags.on("all"):
        return await _all(call, flags)
    if not flags.words:
        await call.err(page("sysctl"))
        return 1
    code = 0
    for word in flags.words:
        name, equals, value = word.partition("=")
        done = await _set(call, flags, name.strip(), value.strip()) if equals else await _show(call, flags, name)
        code = code or done
    return code


async def _missing(call: Call, flags: Flags, name: str) -> int:
    if flags.on("ignore"):
        return 0
    return await call.fail(f"sysctl: cannot stat {sysctl_path(name)}: No such file or directory")


async def _show(call: Call, flags: Flags, name: str) -> int:
    value = call.node.sysctls.get(name)
    if value is None:
        return await _missing(call, flags, name)
    shown = name.replace("/", ".")
    text = value if flags.on("values") else shown if flags.on("names") else f"{shown} = {value}"
    await call.line(text)
    return 0


async def _set(call: Call, flags: Flags, name: str, value: str) -> int:
    if call.node.sysctls.get(name) is None:
        return await _missing(call, flags, name)
    if not flags.on("dry-run") and not call.node.sysctls.set(name, value):
        return await call.fail(f'sysctl: setting key "{name.replace("/", ".")}": Invalid argument')
    if not flags.on("quiet"):
        await call.line(value if flags.on("values") else f"{name.replace('/', '.')} = {value}")
    return 0


async def _all(call: Call, flags: Flags) -> int:
    found = sorted(_walk(call.files, "/proc/sys"))
    for path in found:
        name = path.removeprefix("/proc/sys/").replace("/", ".")
        if flags.get("pattern") and flags.get("pattern") not in name:
            continue
        await call.line(name if flags.on("names") else f"{name} = {call.files.get(path).strip()}")
    return 0


def _walk(files: Files, folder: str) -> list[str]:
    found = []
    for name in files.names(folder):
        path = posixpath.join(folder, name)
        found += [path] if files.is_file(path) else _walk(files, path)
    return found


async def _read(call: Call, path: str, text: str) -> list[tuple[str, str, bool]]:
    """Return a file's settings; report its other lines."""
    for number, name, _, _ in lines_of(text):
        if not name:
            await call.err(f"sysctl: {path}({number}): invalid syntax, continuing...\n")
    return settings(text)


async def _load(call: Call, flags: Flags, paths: list[str]) -> int:
    code = 0
    for path in paths:
        try:
            text = await call.read(path)
        except FileNotFoundError:
            await call.err(f'sysctl: cannot open "{path}": No such file or directory\n')
            code = 1
            continue
        for name, value, lenient in await _read(call, "-" if path == "-" else path, text):
            quiet = Flags(values={**flags.values, **({"ignore": ["true"]} if lenient else {})})
            code = await _set(call, quiet, name, value) or code
    return code


async def _system(call: Call, flags: Flags) -> int:
    code = 0
    final: dict[str, str] = {}
    for path in system_files(call.files):
        if not flags.on("quiet"):
            await call.line(f"* Applying {path} ...")
        for name, value, lenient in await _read(call, path, call.files.get(path)):
            if call.node.sysctls.get(name) is None:
                if not lenient and not flags.on("quiet"):
                    code = await _missing(call, flags, name) or code
                continue
            final.pop(name, None)
            final[name] = value
    for name, value in final.items():
        code = await _set(call, flags, name, value) or code
    return code
