"""Rules of paths inside a volume."""

from collections.abc import Iterator

from lab.cluster.sim.api.rules.wording import invalid

__all__ = ["inner_path", "no_backsteps", "relative_path"]


def no_backsteps(text: str, path: str) -> Iterator[str]:
    """Yield the error in a path that leads upwards."""
    if ".." in text.split("/"):
        yield invalid(path, text, "must not contain '..'")


def relative_path(text: str, path: str) -> Iterator[str]:
    """Yield the errors in a path below another one."""
    if text.startswith("/"):
        yield invalid(path, text, "must be a relative path")
    yield from no_backsteps(text, path)


def inner_path(text: str, path: str) -> Iterator[str]:
    """Yield the errors in the path of a file in a volume, where names with `..` at the front are taken."""
    yield from relative_path(text, path)
    if text.startswith("..") and not text.startswith("../"):
        yield invalid(path, text, "must not start with '..'")
