"""Limits of the library's file system, as errors of a kernel."""

import errno
import functools
import os
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["as_kernel"]

#: The library's words about a write that it refuses -> the error of a kernel.
_REFUSED = {
    "file too large": errno.EFBIG, "filesystem full": errno.ENOSPC, "too many": errno.ENOSPC,
    "too deep": errno.ENAMETOOLONG, "too long": errno.ENAMETOOLONG, "unsafe character": errno.EINVAL,
}  # fmt: skip
_Write = TypeVar("_Write", bound=Callable[..., None])


def as_kernel(write: _Write) -> _Write:
    """Raise `OSError` for a write beyond the library's limits: 10 MB a file, 100 MB and 10,000 files a node."""

    @functools.wraps(write)
    def checked(system: object, path: str, *more: Any, **named: Any) -> None:  # noqa: ANN401 -- passed on
        try:
            write(system, path, *more, **named)
        except RuntimeError as error:
            for words, number in _REFUSED.items():
                if words in str(error):
                    raise OSError(number, os.strerror(number), path) from None
            raise

    return checked  # type: ignore[return-value]
