"""The rules of each kind of object: what the API server refuses to store, in its words and its order.

Begin with `pods`, then `wording`. It may import `kinds` and `objects` of `api`.

A rule yields errors as texts, `path: what is wrong`. The words are those of a real API server
(`tests/differential/recordings`). Objects were decoded before: their values have the published types.
"""
