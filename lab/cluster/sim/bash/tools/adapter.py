"""Text programs of the library: each reads its whole input before it writes a result.

They run at once and in this thread, so their output depends on their input only. The library's programs see the
node's files and a small file system of their own with their input and output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bashkit import Bash, ExecutionProfile, FileSystem

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.bash.running.place import Command
from lab.cluster.sim.bash.tools.adapter_inputs import reads_stdin, touches_files, words_for_library, words_of
from lab.cluster.sim.bash.tools.adapter_words import as_theirs, in_their_words
from lab.cluster.sim.bash.tools.inputs import reason

__all__ = ["Result", "adapted", "result_of", "run_whole", "special_files", "told"]

#: Where the library sees its input and output.
_IO = "/.io"
#: Limits for the rounds of a loop of awk or jq, and for the bytes of input. Beyond them, a program would hold up
#: the whole simulator.
_MOST_ROUNDS = 10_000_000
_MOST_BYTES = 16 << 20
#: After how many seconds of this machine's time the library gives up a program. On a node it would run on.
_BRAKE = 3.0
#: The processor time for a byte of input, in s.
_COST = 2e-8
#: Variables of a node's environment that the library must not get, since they would change the library itself.
_NOT_FOR_IT = frozenset({"PATH", "PWD", "OLDPWD", "SHLVL", "_", "UID", "EUID", "BASH_ENV", "ENV", "IFS"})


@dataclass(frozen=True, slots=True)
class Result:
    """The output of a library program, and its exit code."""

    out: bytes
    err: bytes
    code: int
    #: Whether the library gave up the program before its end.
    given_up: bool = False


def adapted(name: str) -> Command:
    """Return the library's program `name` as a program of a node."""

    async def program(call: Call) -> int:
        return await told(call, await result_of(call, name))

    return program


async def result_of(call: Call, name: str) -> Result:
    """Run the library's program `name` with what `call` has for it."""
    data = b""
    if reads_stdin(name, call.argv):
        data = await call.stdin()
    try:
        given = await special_files(call, call.argv)
    except OSError as error:
        return Result(b"", encode(f"{name}: {error.filename}: {reason(error)}\n"), 2)
    await call.step(_COST * len(data))
    return run_whole(call, name, call.argv, data, given)


async def told(call: Call, result: Result) -> int:
    """Write a program's output; say so if the program was given up."""
    await call.out(result.out)
    await call.err(result.err)
    if result.given_up:
        return await call.fail(NotSimulated(f"so many rounds of a loop in {call.name}").message)
    return result.code


async def special_files(call: Call, argv: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of the descriptors and devices that the words name."""
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
            call.process.hold(len(more))
            data += more
            if endless:
                break
    finally:
        file.release()
    return bytes(data)


def run_whole(
    call: Call, name: str, argv: Sequence[str], data: bytes, given: "dict[str, bytes] | None" = None
) -> Result:
    """Run a program of the library with its whole input; `given` maps words to the contents of descriptors."""
    if len(data) > _MOST_BYTES:
        return Result(b"", encode(f"{name}: memory exhausted\n"), 2)
    io = FileSystem()
    io.write_file("/in", data)
    io.write_file("/out", b"")
    io.write_file("/err", b"")
    words = words_of(name, argv)
    names: dict[str, str] = {}
    for number, (path, content) in enumerate((given or {}).items()):
        inner = f"{_IO}/f{number}"
        io.write_file(f"/f{number}", content)
        names[inner] = path
        words = [word.replace(path, inner) for word in words]
    # Words reach the library's shell as variables: it would misread some quoted words.
    # Arguments that are not UTF-8 lose their invalid bytes.
    held = {f"__{number}": word.encode("utf-8", "replace").decode() for number, word in enumerate(words)}
    bash = _library(call, held)
    bash.mount(_IO, io)
    line = " ".join([name, *(f'"${word}"' for word in held), f"<{_IO}/in >{_IO}/out 2>{_IO}/err"])
    if touches_files(name, argv):
        with call.files.lent() as system:
            bash.mount("/", system)
            result = bash.execute_sync(line)
    else:
        # The program sees no files, so no file can have changed.
        result = bash.execute_sync(line)
    out, err = io.read_file("/out"), io.read_file("/err")
    for inner, path in names.items():
        out, err = out.replace(inner.encode(), path.encode()), err.replace(inner.encode(), path.encode())
    if any(
        b"execution timed out" in err or "execution timeout" in text
        for text in (result.error or "", result.stderr)
    ):
        return Result(out, b"", 0, given_up=True)
    if result.error or b"resource limit exceeded" in err:
        return Result(out, encode(f"{name}: memory exhausted\n"), 2)
    out, err = as_theirs(name, out, err)
    return Result(out, in_their_words(name, err, call.argv, call.cwd), int(result.exit_code))


def _library(call: Call, held: Mapping[str, str]) -> Bash:
    environment = {key: value for key, value in call.env.items() if key not in _NOT_FOR_IT and key.isidentifier()}
    # Skip folders of programs: their files stand for the node's programs, and only name each other.
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
