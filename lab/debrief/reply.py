"""The user's reply when her curl works: the part of the debrief under the heading "...'s reply"."""

import re

__all__ = ["reply"]

_REPLY = re.compile(r"^## [^\n]*\breply *\n(.*?)(?=^#{1,2} |\Z)", re.DOTALL | re.MULTILINE | re.IGNORECASE)


def reply(text: str) -> str:
    """Return that part of the Markdown `text` without its heading, or an empty string."""
    found = _REPLY.search(text)
    return found[1].strip() if found else ""
