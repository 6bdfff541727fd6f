"""One player per lab: a second play screen of the same lab is refused."""

import contextlib
from collections.abc import Iterator

import filelock

from lab.errors import ExitCode, LabError
from lab.places import state_folder

__all__ = ["alone_at"]


@contextlib.contextmanager
def alone_at(name: str) -> Iterator[None]:
    """Reserve the lab called `name` for this player.

    Raises:
        LabError: another player has the lab open.
    """
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / f"play-{name}.lock")
    try:
        with lock.acquire(timeout=0):
            yield
    except filelock.Timeout:
        raise LabError(
            f"Lab {name} is being played in another window.",
            "Two players would share one clock and one score.",
            "Join it by a shell of your own: kluster shell; or play another one: kluster play --name NAME",
            code=ExitCode.BUSY,
        ) from None
