"""shuf: lines in a random order, from the world's random generator."""

import re

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import reason, whole
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options

__all__ = ["shuf"]

_LONG = {
    "echo": "e",
    "input-range": "i",
    "head-count": "n",
    "output": "o",
    "random-source": "random:",
    "repeat": "r",
    "zero-terminated": "z",
}


async def shuf(call: Call) -> int:
    """Print lines in a random order."""
    try:
        options = parse_options("shuf", call.argv, "ei:n:o:rz", _LONG)
        lines = await _lines(call, options)
        count = options.last("n", str(len(lines)))
        if not count.isdigit():
            raise UsageError(f"shuf: invalid line count: ‘{count}’")
    except UsageError as error:
        return await call.fail(error.message, error.code)
    except OSError as error:
        return await call.fail(f"shuf: {options.operands[0]}: {reason(error)}")
    chance, end = call.place.chance, b"\0" if options.has("z") else b"\n"
    if options.has("r"):
        if not lines:
            return await call.fail("shuf: no lines to repeat")
        while not options.has("n"):
            await call.out(chance.choice(lines) + end)
            await call.step(1e-6)
        found = chance.choices(lines, k=int(count))
    else:
        found = chance.sample(lines, min(int(count), len(lines)))
    data = b"".join(line + end for line in found)
    if not options.has("o"):
        await call.out(data)
        return 0
    file = call.open(options.last("o"), "w")
    await file.write(call.process, data)
    file.release()
    return 0


async def _lines(call: Call, options: Options) -> list[bytes]:
    """Return the items to shuffle: words, numbers of a range, or the lines of a file."""
    words = options.operands
    hint = "Try 'shuf --help' for more information."
    if options.has("e"):
        return [encode(word) for word in words]
    if options.has("i"):
        found = re.fullmatch(r"(\d+)-(\d+)", options.last("i"))
        if found is None or int(found[2]) + 1 < int(found[1]):
            raise UsageError(f"shuf: invalid input range: ‘{options.last('i')}’")
        if words:
            raise UsageError(f"shuf: extra operand ‘{words[0]}’\n{hint}")
        return [b"%d" % number for number in range(int(found[1]), int(found[2]) + 1)]
    if len(words) > 1:
        raise UsageError(f"shuf: extra operand ‘{words[1]}’\n{hint}")
    end = b"\0" if options.has("z") else b"\n"
    lines = (await whole(call, (words or ["-"])[0])).split(end)
    return lines if lines[-1] else lines[:-1]
