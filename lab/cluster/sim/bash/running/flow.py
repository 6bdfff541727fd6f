"""How a command leaves what it is in: a loop, a function, the shell."""

__all__ = ["Break", "Continue", "ExitShell", "Flow", "LineAborted", "Return"]


class Flow(Exception):  # noqa: N818 -- no errors
    """Something other than the next command comes now."""


class Break(Flow):
    """Leave `levels` loops."""

    def __init__(self, levels: int, code: int = 0) -> None:
        super().__init__(levels)
        self.levels = levels
        self.code = code


class Continue(Flow):
    """Go on with the next round of the loop that is `levels` out (1: the innermost)."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Return(Flow):
    """Leave the function or the sourced script, with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ExitShell(Flow):
    """Leave the shell, with this exit code, its EXIT trap run."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class LineAborted(Flow):
    """What was read last is given up, with this exit code: an expansion failed, or Ctrl-C. A script ends by it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
