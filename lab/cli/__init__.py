"""The command line `kluster`.

`table` has the commands with their examples, `entry` runs one and prints every error, and `completion` answers the
shell's Tab key. The commands themselves are in `lab.commands`.

Begin with `table`. It may import everything, but imports only what the present command needs.
"""

from lab.cli.entry import main, run
from lab.cli.table import app

__all__ = ["app", "main", "run"]
