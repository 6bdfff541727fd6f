"""Whether a program writes colours: the values of `--color`, as coreutils and grep take them."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["wants_colour"]

_ALWAYS, _NEVER, _AUTO = {"always", "yes", "force"}, {"never", "no", "none"}, {"auto", "tty", "if-tty"}


def wants_colour(call: Call, when: str) -> bool:
    """Return whether to write colours; `auto` means at a terminal that has them. Raise `ValueError`."""
    if when in _AUTO:
        out = call.process.descriptors.get(1)
        return out is not None and out.terminal and call.env.get("TERM", "") not in {"", "dumb"}
    if when not in _ALWAYS | _NEVER:
        raise ValueError(when)
    return when in _ALWAYS
