"""Large values: compressed if they repeat themselves, and stored once if they are equal."""

import base64
import json
import zlib
from collections import OrderedDict
from typing import Any

__all__ = ["LARGE", "folded", "shared", "unfolded"]

#: The size from which a text is large, in characters.
LARGE = 64 * 1024
#: The part of a text that decides whether compression is worth the time.
_SAMPLE = 4096
_WORTH = 0.5
_FOLDED = "deflated"
#: How many equal texts are looked for.
_KEPT = 16
_texts: OrderedDict[str, str] = OrderedDict()


def folded(text: str) -> str:
    """Return JSON text for the JSON text `text`: compressed if that is much shorter."""
    if len(text) < LARGE:
        return text
    sample = text[len(text) // 2 :][:_SAMPLE].encode()
    if len(zlib.compress(sample, 1)) > _WORTH * len(sample):
        return text
    return json.dumps({_FOLDED: base64.b64encode(zlib.compress(text.encode(), 1)).decode()})


def unfolded(data: Any) -> Any:
    """Return the JSON data of a `folded` text."""
    if isinstance(data, dict) and data.keys() == {_FOLDED}:
        return shared(json.loads(zlib.decompress(base64.b64decode(data[_FOLDED]))))
    return data


def shared(value: Any) -> Any:
    """Return JSON data `value`, changed in place: equal large texts become the same object.

    Many labs of one process hold the same large objects.
    """
    if isinstance(value, str):
        return _one_of(value) if len(value) >= LARGE else value
    if isinstance(value, dict):
        value.update({key: shared(each) for key, each in value.items() if isinstance(each, str | dict | list)})
    elif isinstance(value, list):
        value[:] = [shared(each) for each in value]
    return value


def _one_of(text: str) -> str:
    found = _texts.setdefault(text, text)
    _texts.move_to_end(found)
    if len(_texts) > _KEPT:
        _texts.popitem(last=False)
    return found
