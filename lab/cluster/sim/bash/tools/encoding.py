"""base64 and base32."""

import base64
import binascii
import re

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.inputs import reason, whole
from lab.cluster.sim.bash.tools.options import UsageError, parse_options

__all__ = ["encoded"]

_LONG = {"decode": "d", "ignore-garbage": "i", "wrap": "w"}


async def encoded(call: Call) -> int:
    """Encode or decode a file."""
    name = call.name
    try:
        options = parse_options(name, call.argv, "diw:", _LONG)
        if len(options.operands) > 1:
            hint = f"Try '{name} --help' for more information."
            raise UsageError(f"{name}: extra operand ‘{options.operands[1]}’\n{hint}")
        width = options.last("w", "76")
        if not width.isdigit():
            raise UsageError(f"{name}: invalid wrap size: ‘{width}’")
        data = await whole(call, (options.operands or ["-"])[0])
    except UsageError as error:
        return await call.fail(error.message, error.code)
    except OSError as error:
        return await call.fail(f"{name}: {options.operands[0]}: {reason(error)}")
    wide = name == "base64"
    if options.has("d"):
        return await _decode(call, data, wide=wide, garbage=options.has("i"))
    text = base64.b64encode(data) if wide else base64.b32encode(data)
    columns = int(width)
    if columns:
        await call.out(b"".join(text[at : at + columns] + b"\n" for at in range(0, len(text), columns)))
    else:
        await call.out(text)
    return 0


async def _decode(call: Call, data: bytes, *, wide: bool, garbage: bool) -> int:
    letters = rb"A-Za-z0-9+/" if wide else rb"A-Z2-7"
    text = data.replace(b"\n", b"")
    if garbage:
        text = re.sub(rb"[^" + letters + rb"=]", b"", text)
    group = 4 if wide else 8
    # Everything before the first invalid character is still printed.
    good = re.match(rb"(?:[" + letters + rb"]{%d})*" % group, text)
    end = good.end() if good is not None else 0
    rest = text[end : end + group]
    try:
        tail = (base64.b64decode if wide else base64.b32decode)(rest) if rest.endswith(b"=") else b""
        wrong = bool(text[end + group :]) or (bool(rest) and not rest.endswith(b"="))
        if wrong and wide and re.fullmatch(rb"[" + letters + rb"]{2,3}", text[end:]):
            tail = base64.b64decode(text[end:] + b"=" * (-len(text[end:]) % 4))
    except (binascii.Error, ValueError):
        tail, wrong = b"", True
    await call.out((base64.b64decode if wide else base64.b32decode)(text[:end]) + tail)
    return await call.fail(f"{call.name}: invalid input") if wrong else 0
