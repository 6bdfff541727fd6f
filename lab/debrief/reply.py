"""What the user answers when her curl works: the part of a scenario's debrief under the heading "...'s reply"."""

import re

__all__ = ["reply"]

_REPLY = re.compile(r"^## [^\n]*\breply *\n(.*?)(?=^#{1,2} |\Z)", re.DOTALL | re.MULTILINE | re.IGNORECASE)


def reply(text: str) -> str:
    """Return that part of the Markdown `text`, without its heading; nothing if there is none."""
    found = _REPLY.search(text)
    return found[1].strip() if found else ""
