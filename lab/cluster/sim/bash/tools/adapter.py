"""Text programs of the library, run whole: all of their input first, then their result.

They run at once and in this thread: what comes out depends on what goes in and on nothing else. The library's
programs see the node's files, and beside them a small file system of their own with their input and output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bashkit import Bash, ExecutionProfile, FileSystem

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.place import Command
from lab.cluster.sim.bash.tools.adapter_inputs import reads_stdin, touches_files, words_for_library
from lab.cluster.sim.bash.tools.adapter_words import as_theirs, in_their_words
from lab.cluster.sim.bash.tools.inputs import encode, reason

__all__ = ["Result", "adapted", "run_whole", "special_files", "told"]

#: Where the library sees its input and output.
_IO = "/.io"
#: How often a loop of awk, sed or jq may go round, and how many bytes a program may take in: more would hold up
#: the whole simulator.
_MOST_ROUNDS = 10_000_000
_MOST_BYTES = 16 << 20
#: When the library gives up a program that goes on and on, in s of this machine's time: on a node it would go on.
_BRAKE = 3.0
#: What a byte of input costs a processor, in s.
_COST = 2e-8
_A_DAY = 86400.0
#: A node's environment is the library's too, but for what would change the library itself.
_NOT_FOR_IT = frozenset({"PATH", "PWD", "OLDPWD", "SHLVL", "_", "UID", "EUID", "BASH_ENV", "ENV", "IFS"})


@dataclass(frozen=True, slots=True)
class Result:
    """What a program of the library wrote, and its exit code."""

    out: bytes
    err: bytes
    code: int
    #: Whether the program had not ended when the library gave it up.
    endless: bool = False


def adapted(name: str) -> Command:
    """Return the library's program `name` as one of a node."""

    async def program(call: Call) -> int:
        data = b""
        if reads_stdin(name, call.argv):
            data = await call.stdin()
        try:
            given = await special_files(call, call.argv)
        except OSError as error:
            return await call.fail(f"{name}: {error.filename}: {reason(error)}", 2)
        await call.step(_COST * len(data))
        result = run_whole(call, name, call.argv, data, given)
        return await told(call, result)

    return program


async def told(call: Call, result: Result) -> int:
    """Write what a program wrote; one that has no end goes on until it is ended."""
    await call.out(result.out)
    await call.err(result.err)
    while result.endless:
        await call.sleep(_A_DAY)
    return result.code


async def special_files(call: Call, argv: Sequence[str]) -> dict[str, bytes]:
    """Return what the descriptors and devices hold that the words name."""
    found: dict[str, bytes] = {}
    for word in argv:
        for path in words_for_library(word):
            if path not in found:
                found[path] = await _all(call, path)
    return found


async def _all(call: Call, path: str) -> bytes:
    try:
        file = call.open(path)
    except OSError as error:
        error.filename = path
        raise
    endless = path in {"/dev/zero", "/dev/urandom", "/dev/random"}
    data = bytearray()
    try:
        while more := await file.read(call.process, 1 << 16):
            data += more
            if endless:
                break
    finally:
        file.release()
    return bytes(data)


def run_whole(
    call: Call, name: str, argv: Sequence[str], data: bytes, given: "dict[str, bytes] | None" = None
) -> Result:
    """Run a program of the library with all of its input; `given` are descriptors by the words that name them."""
    if len(data) > _MOST_BYTES:
        return Result(b"", encode(f"{name}: memory exhausted\n"), 2)
    io = FileSystem()
    io.write_file("/in", data)
    io.write_file("/out", b"")
    io.write_file("/err", b"")
    words = list(argv)
    names: dict[str, str] = {}
    for number, (path, content) in enumerate((given or {}).items()):
        inner = f"{_IO}/f{number}"
        io.write_file(f"/f{number}", content)
        names[inner] = path
        words = [word.replace(path, inner) for word in words]
    # Words reach the library's shell as variables: it takes some that are quoted for its own.
    # Arguments that are no UTF-8 lose the bytes that are not.
    held = {f"__{number}": word.encode("utf-8", "replace").decode() for number, word in enumerate(words)}
    bash = _library(call, held)
    bash.mount(_IO, io)
    line = " ".join([name, *(f'"${word}"' for word in held), f"<{_IO}/in >{_IO}/out 2>{_IO}/err"])
    if touches_files(name, argv):
        with call.files.lent() as system:
            bash.mount("/", system)
            result = bash.execute_sync(line)
    else:
        # It sees no files, so none can have changed.
        result = bash.execute_sync(line)
    out, err = io.read_file("/out"), io.read_file("/err")
    for inner, path in names.items():
        out, err = out.replace(inner.encode(), path.encode()), err.replace(inner.encode(), path.encode())
    if any(
        b"execution timed out" in err or "execution timeout" in text
        for text in (result.error or "", result.stderr)
    ):
        return Result(out, b"", 0, endless=True)
    if result.error or b"resource limit exceeded" in err:
        return Result(out, encode(f"{name}: memory exhausted\n"), 2)
    out, err = as_theirs(name, out, err)
    return Result(out, in_their_words(name, err, call.argv, call.cwd), int(result.exit_code))


def _library(call: Call, held: Mapping[str, str]) -> Bash:
    environment = {key: value for key, value in call.env.items() if key not in _NOT_FOR_IT and key.isidentifier()}
    # No folder of programs: those files stand for the node's programs, and name each other.
    environment |= {**held, "PATH": f"{_IO}/none"}
    return Bash(
        username=call.place.user,
        hostname=call.place.host,
        cwd=call.cwd,
        env=environment,
        profile=ExecutionProfile.Interactive,
        max_loop_iterations=_MOST_ROUNDS,
        timeout_seconds=_BRAKE,
    )
