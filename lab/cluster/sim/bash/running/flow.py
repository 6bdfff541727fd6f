"""Ways to leave a loop, a function or the shell."""

__all__ = ["Break", "Continue", "ExitShell", "Flow", "LineAborted", "Return"]


class Flow(Exception):  # noqa: N818 -- no errors
    """The next command does not run; control goes somewhere else."""


class Break(Flow):
    """Leave `levels` loops."""

    def __init__(self, levels: int, code: int = 0) -> None:
        super().__init__(levels)
        self.levels = levels
        self.code = code


class Continue(Flow):
    """Continue with the next round of the loop that is `levels` out (1: the innermost)."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Return(Flow):
    """Leave the function or the sourced script, with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ExitShell(Flow):
    """Run the EXIT trap and leave the shell, with this exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class LineAborted(Flow):
    """Give up the last line, with this exit code: an expansion failed, or Ctrl-C came. A script ends."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
