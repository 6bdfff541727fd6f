"""Programs whose modules are loaded at the first call: a lab's owner calls only few of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

__all__ = ["Deferred"]


@dataclass(frozen=True, slots=True)
class Deferred:
    """A program, by its module and its name in that module."""

    module: str
    name: str

    def load(self) -> Callable[..., Awaitable[int]]:
        """Return the program."""
        return _loaded(self.module, self.name)

    async def __call__(self, *arguments: object, **more: object) -> int:
        """Run the program."""
        return await self.load()(*arguments, **more)


@cache
def _loaded(module: str, name: str) -> Callable[..., Awaitable[int]]:
    found: Callable[..., Awaitable[int]] = getattr(import_module(module), name)
    return found
