"""sleep, seq and yes: programs that wait or run forever."""

import re
from collections.abc import Callable
from decimal import Decimal

from lab.cluster.sim.bash.builtins.printf_format import format_text
from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.options import UsageError, parse_options

__all__ = ["interval", "seq", "sleep", "yes"]

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_INTERVAL = re.compile(r"(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|inf(?:inity)?)([smhd]?)", re.IGNORECASE)
_NEVER = 1e10
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\s*[+-]?inf(?:inity)?", re.IGNORECASE)
_BLOCK = 1000


def interval(text: str) -> float | None:
    """Return the seconds of `2`, `0.5`, `3m`, `infinity`; None if the text is not a time."""
    found = _INTERVAL.fullmatch(text)
    if found is None:
        return None
    return min(float(found[1]) * _UNITS[found[2]], _NEVER)


async def sleep(call: Call) -> int:
    """Wait."""
    try:
        operands = parse_options("sleep", call.argv, "").operands
        if not operands:
            raise UsageError("sleep: missing operand\nTry 'sleep --help' for more information.")
        times = [interval(word) for word in operands]
        wrong = [word for word, time in zip(operands, times, strict=True) if time is None]
        if wrong:
            lines = [f"sleep: invalid time interval ‘{word}’" for word in wrong]
            raise UsageError("\n".join([*lines, "Try 'sleep --help' for more information."]))
    except UsageError as error:
        return await call.fail(error.message, error.code)
    await call.sleep(sum(time or 0.0 for time in times))
    return 0


async def yes(call: Call) -> int:
    """Print a line again and again until the output has no reader."""
    try:
        words = parse_options("yes", call.argv, "").operands
    except UsageError as error:
        return await call.fail(error.message, error.code)
    line = encode(" ".join(words or ["y"]) + "\n")
    block = line * max(1, 8192 // len(line))
    while True:
        await call.out(block)
        await call.step()


async def seq(call: Call) -> int:
    """Print numbers in order."""
    try:
        # A negative number is not an option.
        words, numbers = _split(call.argv)
        longs = {"equal-width": "w", "separator": "s", "format": "f"}
        options = parse_options("seq", words, "f:s:w", longs)
        operands = [*options.operands, *numbers]
        first, step, last = _bounds(operands)
        form = _form(options.last("f"))
    except UsageError as error:
        return await call.fail(error.message, error.code)
    between = encode(options.last("s", "\n"))
    places = max((_places(word) for word in operands[: len(operands) - 1][:2]), default=0)
    width = 0
    if options.has("w"):
        end = first + step * max(int((last - first) / step), 0)
        width = max(len(_shown(first, places, 0)), len(_shown(end, places, 0)))
    await _print(call, (first, step, last), between, lambda number: _text(number, form, places, width))
    return 0


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    for index, word in enumerate(argv):
        if word == "--":
            return argv, []
        if re.match(r"-[\d.]", word) and (index == 0 or argv[index - 1] not in {"-f", "-s"}):
            return argv[:index], argv[index:]
    return argv, []


def _bounds(words: list[str]) -> tuple[Decimal, Decimal, Decimal]:
    hint = "Try 'seq --help' for more information."
    if not words:
        raise UsageError(f"seq: missing operand\n{hint}")
    if len(words) > 3:
        raise UsageError(f"seq: extra operand ‘{words[3]}’\n{hint}")
    for word in words:
        if _NUMBER.fullmatch(word) is None:
            raise UsageError(f"seq: invalid floating point argument: ‘{word}’\n{hint}")
    numbers = [Decimal(word.strip()) for word in words]
    step = numbers[1] if len(numbers) == 3 else Decimal(1)
    if not step:
        raise UsageError(f"seq: invalid Zero increment value: ‘{words[1]}’\n{hint}")
    return (numbers[0] if len(numbers) > 1 else Decimal(1)), step, numbers[-1]


def _places(word: str) -> int:
    mantissa, _, exponent = word.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0) if "inf" not in mantissa else 0


def _form(form: str) -> str:
    if not form:
        return ""
    directives = re.findall(r"%(?!%)[-+ 0#']*\d*(?:\.\d*)?(.?)", form.replace("%%", ""))
    if not directives:
        raise UsageError(f"seq: format ‘{form}’ has no % directive")
    if len(directives) > 1:
        raise UsageError(f"seq: format ‘{form}’ has too many % directives")
    if directives[0] not in set("efgEFGaA"):
        raise UsageError(f"seq: format ‘{form}’ has unknown %{directives[0]} directive")
    return form


def _shown(number: Decimal, places: int, width: int) -> str:
    text = f"{number:.{places}f}"
    if text.startswith("-") and not number:
        text = f"-{text[1:]}"
    return text.rjust(width, "0") if not text.startswith("-") else "-" + text[1:].rjust(width - 1, "0")


def _text(number: Decimal, form: str, places: int, width: int) -> bytes:
    if form:
        return bytes(format_text(form, [str(number)], quote=str, now=0.0).out)
    return _shown(number, places, width).encode()


async def _print(
    call: Call, bounds: tuple[Decimal, Decimal, Decimal], between: bytes, text: Callable[[Decimal], bytes]
) -> None:
    first, step, last = bounds
    number = first
    block: list[bytes] = []
    lead = b""
    while number <= last if step > 0 else number >= last:
        block.append(text(number))
        number += step
        if len(block) == _BLOCK:
            await call.out(lead + between.join(block))
            await call.step()
            block.clear()
            lead = between
    if block or lead:
        await call.out((lead if block else b"") + between.join(block) + b"\n")
