"""The rules for a lab's name, and for the seed of its variant."""

import re

from lab.errors import UsageProblem

__all__ = ["DEFAULT_LAB", "LARGEST_SEED", "require_name"]

#: The lab of a command that names no other one.
DEFAULT_LAB = "kluster005"

#: Seeds are short enough to be read out aloud.
LARGEST_SEED = 999_999

#: A prefix of node and folder names; kind adds to it.
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def require_name(name: str) -> None:
    """Raise `UsageProblem` unless `name` can be a lab's."""
    if not _NAME.fullmatch(name):
        raise UsageProblem(
            f"'{name}' can't be a lab's name.",
            remedy="Use lower-case letters, digits and dashes, at most 40, not a dash at either end.",
        )
