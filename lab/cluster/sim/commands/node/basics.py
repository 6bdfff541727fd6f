"""Small programs that look at the node instead of the sandbox of the shell, and those that wait."""

import hashlib

from lab.cluster.sim.commands.golang.flags import UnknownFlag, parse
from lab.cluster.sim.shell.call import Call, Exit
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["head", "hostname", "ln", "reboot", "sleep", "stty", "timeout", "uname"]


async def sleep(call: Call) -> int:
    """Let time pass."""
    if not call.argv:
        return await call.fail("sleep: missing operand\nTry 'sleep --help' for more information.")
    try:
        seconds = sum(parse_duration(word) for word in call.argv)
    except ValueError:
        return await call.fail(f"sleep: invalid time interval ‘{call.argv[0]}’")  # noqa: RUF001 -- as it is printed
    await call.sleep(seconds)
    return 0


async def timeout(call: Call) -> int:
    """Run a command with a time limit."""
    valued = {"-k": "kill", "--kill-after": "kill", "-s": "signal", "--signal": "signal"}
    switches = {"--preserve-status": "preserve", "--foreground": "foreground", "-v": "verbose"}
    try:
        flags = parse(call.argv, valued, switches, interspersed=False, program="timeout")
        limit, *argv = flags.words
        seconds = parse_duration(limit)
    except Exit as end:
        return await call.fail(end.message, 125)
    except ValueError:
        return await call.fail("timeout: missing operand\nTry 'timeout --help' for more information.", 125)
    stdin = await call.stdin()
    try:
        work = call.run(argv, stdin=stdin or None)
        return await call.world.clock.limit(work, seconds or 1e9, call.session.waiter)
    except TimeoutError:
        return 124


async def head(call: Call) -> int:  # noqa: C901 -- one case after the other
    """Print the beginning of files; /dev/zero and /dev/urandom have as much as is asked for."""
    size, lines, paths = 0, 10, []
    argv = list(call.argv)
    while argv:
        word = argv.pop(0)
        if word in {"-c", "-n"}:
            word += argv.pop(0) if argv else ""
        if word.startswith(("-c", "--bytes=")):
            size, lines = _size(word.removeprefix("-c").removeprefix("--bytes=")), 0
        elif word.startswith(("-n", "--lines=")):
            lines = int(word.removeprefix("-n").removeprefix("--lines="))
        elif word[:1] == "-" and word[1:].isdigit():
            lines = int(word[1:])
        elif word not in {"-q", "--quiet"}:
            paths.append(word)
    code = 0
    for path in paths or ["-"]:
        try:
            data = await _content(call, path, size)
        except FileNotFoundError:
            code = await call.fail(f"head: cannot open '{path}' for reading: No such file or directory")
            continue
        if len(paths) > 1:
            await call.out(f"==> {path} <==\n")
        if lines:
            every = data.splitlines(keepends=True)
            await call.out(b"".join(every[:lines]))
        else:
            await call.out(data[:size])
    return code


def _size(text: str) -> int:
    units = {"k": 1024, "K": 1024, "M": 1024**2, "G": 1024**3}
    bare = text.removesuffix("iB").removesuffix("B")
    unit = units.get(bare[-1:], 1)
    number = int(bare[:-1] if bare[-1:] in units else bare)
    return min(number * unit, 64 * 1024**2)


async def _content(call: Call, path: str, size: int) -> bytes:
    if path == "-":
        return await call.stdin()
    if path == "/dev/zero":
        return bytes(size)
    if path in {"/dev/urandom", "/dev/random"}:
        seed = f"{call.now()}{call.node.id}".encode()
        return hashlib.shake_128(seed).digest(size)
    return call.files.read_bytes(call.path(path))


async def ln(call: Call) -> int:
    """Make links. A hard link is a copy here: what is written to one name later does not show under the other."""
    letters = {letter for word in call.argv if word.startswith("-") for letter in word.lstrip("-")}
    words = [word for word in call.argv if not word.startswith("-")]
    if letters - set("sfnv") or len(words) != 2:
        return await call.fail(f"not simulated: ln {' '.join(call.argv)} (use --backend kind)")
    target, link = words[0], call.path(words[1])
    files = call.files
    if files.exists(link) and not files.is_file(link):
        link = f"{link}/{target.rsplit('/', 1)[-1]}"
    if files.exists(link):
        if "f" not in letters:
            kind = "symbolic" if "s" in letters else "hard"
            return await call.fail(f"ln: failed to create {kind} link '{words[1]}': File exists")
        files.remove(link)
    if "s" in letters:
        files.system.symlink(target, link)
    elif files.is_file(call.path(target)):
        files.system.copy(call.path(target), link)
    else:
        return await call.fail(f"ln: failed to access '{target}': No such file or directory")
    return 0


async def hostname(call: Call) -> int:
    """Print the node's (or the pod's) name."""
    sandbox = call.session.sandbox
    name = sandbox.name if sandbox and not sandbox.host_network else call.node.name
    if call.argv[:1] in (["-i"], ["-I"]):
        await call.line(sandbox.ip if sandbox else call.node.ip)
    elif not call.argv or call.argv[0] in {"-s", "-f"}:
        await call.line(name)
    else:
        return await call.fail("not simulated: hostname with arguments (use --backend kind)")
    return 0


async def stty(call: Call) -> int:
    """Tell the terminal's size."""
    if call.session.size is None:
        return await call.fail("stty: 'standard input': Inappropriate ioctl for device")
    terminal = call.session.terminal
    if call.argv in (["-echo"], ["echo"], ["sane"]) and terminal is not None:
        terminal.echo = call.argv != ["-echo"]
        return 0
    if call.argv != ["size"]:
        return await call.fail(f"not simulated: stty {' '.join(call.argv)} (use --backend kind)")
    await call.line(f"{call.session.size[0]} {call.session.size[1]}")
    return 0


_KERNEL = "#45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30 12:02:04 UTC 2024"
_TRY_UNAME = "Try 'uname --help' for more information."
#: Letter -> long name, in the order in which they are printed.
_UNAME = {"s": "kernel-name", "n": "nodename", "r": "kernel-release", "v": "kernel-version", "m": "machine",
          "p": "processor", "i": "hardware-platform", "o": "operating-system"}  # fmt: skip


async def uname(call: Call) -> int:
    """Print what the kernel is called."""
    inside = call.session.sandbox
    values = dict.fromkeys("pi", "unknown") | {
        "s": "Linux", "n": inside.name if inside and not inside.host_network else call.node.name,
        "r": call.node.sysctls.get("kernel.osrelease") or "", "v": _KERNEL, "m": "x86_64", "o": "GNU/Linux",
    }  # fmt: skip
    switches = {flag: letter for letter, word in _UNAME.items() for flag in (f"-{letter}", f"--{word}")}
    try:
        flags = parse(call.argv, {}, {**switches, "-a": "a", "--all": "a"}, program="uname")
    except UnknownFlag as end:
        if end.word in {"--help", "--version"}:
            return await call.fail(end.message)
        long = end.word.startswith("--")
        told = f"unrecognized option '{end.word}'" if long else f"invalid option -- '{end.word[1]}'"
        return await call.fail(f"uname: {told}\n{_TRY_UNAME}")
    if flags.words:
        return await call.fail(f"uname: extra operand '{flags.words[0]}'\n{_TRY_UNAME}")
    wanted = "snrvmo" if flags.on("a") else [letter for letter in _UNAME if flags.on(letter)] or "s"
    await call.line(" ".join(values[letter] for letter in wanted))
    return 0


async def reboot(call: Call) -> int:
    """Boot the node anew."""
    call.node.reboot()
    return 0
