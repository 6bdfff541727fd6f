"""Programs whose modules are loaded when they are called first: few are in the life of a lab's owner."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module

__all__ = ["Deferred"]


@dataclass(frozen=True, slots=True)
class Deferred:
    """A program by its module and its name there."""

    module: str
    name: str

    def load(self) -> Callable[..., Awaitable[int]]:
        """Return the program itself."""
        found: Callable[..., Awaitable[int]] = getattr(import_module(self.module), self.name)
        return found

    async def __call__(self, *arguments: object, **more: object) -> int:
        """Run it."""
        return await self.load()(*arguments, **more)
