"""Running functions and sourced scripts, and the variables that describe them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.cluster.sim.bash.expansion.variables import Variable
from lab.cluster.sim.bash.running.options import Options

__all__ = ["Frame", "show"]


@dataclass(slots=True)
class Frame:
    """A running function or a sourced script (`FUNCNAME`, `BASH_SOURCE`, `caller`)."""

    name: str
    #: The file or shell that defines the function.
    source: str
    #: The line of the call.
    line: int
    sourced: bool = False
    #: Options that `local -` saved.
    saved_options: Options | None = None


def show(frames: Sequence[Frame], source: str, scope: dict[str, Variable]) -> None:
    """Set FUNCNAME, BASH_SOURCE and BASH_LINENO in `scope`; the shell's own script is `source`."""
    if all(frame.sourced for frame in frames):
        for variable in ("FUNCNAME", "BASH_SOURCE", "BASH_LINENO"):
            scope.pop(variable, None)
        return
    inner = frames[::-1]
    bottom = [("main", source, "0")] if source else []
    for variable, values in (
        ("FUNCNAME", [frame.name for frame in inner] + [each[0] for each in bottom]),
        ("BASH_SOURCE", [frame.source for frame in inner] + [each[1] for each in bottom]),
        ("BASH_LINENO", [str(frame.line) for frame in inner] + [each[2] for each in bottom]),
    ):
        scope[variable] = Variable(dict(enumerate(values)), array=True)
