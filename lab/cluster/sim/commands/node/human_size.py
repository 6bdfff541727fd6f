"""Sizes as df and du print them for people."""

__all__ = ["human_size"]


def human_size(kibibytes: float) -> str:
    """Return a size rounded up, as df and du print it."""
    if not kibibytes:
        return "0"
    number = float(kibibytes)
    for unit in "KMGT":
        if number < 10 and unit != "K" and number * 10 % 1:
            return f"{-(-number * 10 // 1) / 10:.1f}{unit}"
        if number < 1024:
            return f"{number:.1f}{unit}" if number < 10 and unit != "K" else f"{-(-number // 1):.0f}{unit}"
        number /= 1024
    return f"{number:.0f}P"
