"""Numbers as printf reads and prints them: C's integers of 64 bits and floats of 80."""

import math
import re
from decimal import Decimal, localcontext
from fractions import Fraction

__all__ = ["format_float", "format_integer", "parse_float", "parse_integer"]

_INTEGER = re.compile(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)")
#: Bash's word for an invalid number with such a prefix.
_KINDS = ((re.compile(r"\s*[+-]?0[xX]"), "hex "), (re.compile(r"\s*[+-]?0\d"), "octal "))
_FLOAT = re.compile(
    r"\s*[+-]?(?:0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*(?:[pP][+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    r"|inf(?:inity)?|nan)",
    re.IGNORECASE,
)
_MANTISSA = 64
_MOST, _LEAST = 2**63 - 1, -(2**63)


def parse_integer(text: str) -> tuple[int, str]:
    """Return the number at the start of `text`, and bash's complaint about it, if any."""
    if text[:1] in {"'", '"'}:
        return (ord(text[1]) if len(text) > 1 else 0), ""
    found = _INTEGER.match(text)
    if found is None:
        return 0, "" if not text else f"{text}: invalid number"
    digits = found[2]
    base = 16 if digits[:2].lower() == "0x" else 8 if digits.startswith("0") else 10
    value = int(digits, base) * (-1 if found[1] == "-" else 1)
    complaint = ""
    if found.end() < len(text):
        kind = next((kind for pattern, kind in _KINDS if pattern.match(text)), "")
        complaint = f"{text}: invalid {kind}number"
    if not _LEAST <= value <= 2**64 - 1:
        return (_MOST if value > 0 else _LEAST), f"warning: {text}: Numerical result out of range"
    if value > _MOST:
        return _MOST, f"warning: {text}: Numerical result out of range"
    return value, complaint


def parse_float(text: str) -> tuple[Fraction | float, str]:
    """Return the number at the start of `text`, and bash's complaint about it, if any."""
    if text[:1] in {"'", '"'}:
        return Fraction(ord(text[1]) if len(text) > 1 else 0), ""
    found = _FLOAT.match(text)
    if found is None:
        return Fraction(0), "" if not text else f"{text}: invalid number"
    complaint = f"{text}: invalid number" if found.end() < len(text) else ""
    word = found[0].strip().lower()
    bare = word.lstrip("+-")
    if bare.startswith(("inf", "nan")):
        return float(word), complaint
    if bare.startswith("0x"):
        return Fraction(float.fromhex(word)), complaint
    return _long_double(Fraction(Decimal(word))), complaint


def _long_double(value: Fraction) -> Fraction:
    """Round to the 64 binary digits of C's `long double`."""
    if not value:
        return value
    shift = _MANTISSA - (abs(value.numerator).bit_length() - value.denominator.bit_length())
    scaled = value * Fraction(2) ** shift
    while abs(scaled) >= 2**_MANTISSA:
        shift -= 1
        scaled /= 2
    return Fraction(round(scaled)) / Fraction(2) ** shift


def format_integer(kind: str, value: int, flags: str, width: int, precision: int | None) -> str:
    """Return an integer as C's printf prints it."""
    signed = kind in "di"
    if not signed and value < 0:
        value += 2**64
    digits = {"o": f"{abs(value):o}", "x": f"{abs(value):x}", "X": f"{abs(value):X}"}.get(kind, str(abs(value)))
    if precision is not None:
        digits = "" if precision == 0 and value == 0 else digits.rjust(precision, "0")
    sign = _sign(value < 0, flags) if signed else ""
    if "#" in flags and kind in "xX" and value:
        sign = "0" + kind
    elif "#" in flags and kind == "o" and not digits.startswith("0"):
        digits = "0" + digits
    return _filled(sign, digits, flags if precision is None else flags.replace("0", ""), width)


def _sign(negative: bool, flags: str) -> str:  # noqa: FBT001 -- a sign is that
    return "-" if negative else "+" if "+" in flags else " " if " " in flags else ""


def _filled(sign: str, digits: str, flags: str, width: int) -> str:
    missing = width - len(sign) - len(digits)
    if missing <= 0:
        return sign + digits
    if "-" in flags:
        return sign + digits + " " * missing
    if "0" in flags:
        return sign + "0" * missing + digits
    return " " * missing + sign + digits


def format_float(kind: str, value: Fraction | float, flags: str, width: int, precision: int | None) -> str:
    """Return a floating-point number as C's printf prints it."""
    if isinstance(value, float) and not math.isfinite(value):
        word = "nan" if math.isnan(value) else "inf"
        sign = _sign(math.copysign(1, value) < 0, flags)
        return _filled(sign, word.upper() if kind.isupper() else word, flags.replace("0", ""), width)
    exact = Fraction(value)
    sign = _sign(exact < 0, flags)
    digits = _digits(kind.lower(), abs(exact), 6 if precision is None else precision, keep="#" in flags)
    if kind.lower() == "a":
        digits = float(abs(exact)).hex()
    return _filled(sign, digits.upper() if kind.isupper() else digits, flags, width)


def _digits(kind: str, value: Fraction, precision: int, *, keep: bool) -> str:
    with localcontext() as context:
        context.prec = 400
        context.Emax, context.Emin = 20000, -20000
        number = Decimal(value.numerator) / Decimal(value.denominator)
        if kind == "f":
            return f"{number:.{precision}f}"
        if kind == "e":
            return _exponent(f"{number:.{precision}e}" if number else f"{0:.{precision}e}")
        precision = precision or 1
        shown = f"{number:.{precision - 1}e}"
        exponent = int(shown.partition("e")[2])
        if -4 <= exponent < precision:
            text = f"{number:.{precision - 1 - exponent}f}"
            return text if keep or "." not in text else text.rstrip("0").rstrip(".")
        mantissa, _, rest = shown.partition("e")
        if not keep and "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return _exponent(f"{mantissa}e{rest}")


def _exponent(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    number = int(exponent)
    return f"{mantissa}e{'-' if number < 0 else '+'}{abs(number):02d}"
