"""Random values: one seeded generator per world, so that the same inputs give the same numbers, names and ids."""

import random
import uuid
from typing import Any

from lab.cluster.sim.state.declared import Opaque

__all__ = ["Chance"]

#: The letters of generated names: they form no words.
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


class Chance(random.Random, Opaque):
    """The random generator of one world. Everything random in a cluster comes from it."""

    def hex(self, size: int) -> str:
        """Return `size` random bytes as hexadecimal digits."""
        return f"{self.getrandbits(8 * size):0{2 * size}x}"

    def uid(self) -> str:
        """Return a UID as the API server gives them."""
        return str(uuid.UUID(int=self.getrandbits(128), version=4))

    def name(self, length: int = 5) -> str:
        """Return the random end of a generated name."""
        return "".join(self.choices(_SAFE, k=length))

    def state(self) -> Any:  # noqa: ANN401 -- JSON
        """Return the generator's state."""
        version, numbers, gauss = self.getstate()
        return [version, list(numbers), gauss]

    def restore(self, data: Any) -> None:  # noqa: ANN401 -- JSON
        """Restore a state."""
        version, numbers, gauss = data
        self.setstate((version, tuple(numbers), gauss))
