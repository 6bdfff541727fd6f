"""Large values in a cluster's file and in memory."""

import json
import random

from lab.cluster.sim.api.etcd import Entry, Etcd
from lab.cluster.sim.state.codec import Texts, restore, text
from lab.cluster.sim.state.large import LARGE, folded, shared, unfolded


def _etcd(value: object) -> Etcd:
    etcd = Etcd()
    etcd.entries["/registry/configmaps/poc/one"] = Entry(value, 1, 2, 1, 900)
    return etcd


def test_a_large_value_that_repeats_itself_takes_few_bytes_and_comes_back_whole() -> None:
    value = {"data": {"state": "1" + "." * 10 * LARGE}, "list": [1, "two"]}
    texts: Texts = {}

    told = text(_etcd(value), texts)
    again = text(_etcd(value), texts)
    back = Etcd()
    restore(back, json.loads(told))

    assert len(told) < LARGE
    assert back.entries == _etcd(value).entries
    assert json.loads(again) == json.loads(told)


def test_small_or_varied_texts_are_not_compressed() -> None:
    noise = json.dumps(random.Random(5).randbytes(LARGE).hex() + "é")  # noqa: S311 -- no secret
    hexadecimal = folded(noise)

    assert folded('"short"') == '"short"'
    assert unfolded(json.loads(hexadecimal)) == json.loads(noise)


def test_equal_large_texts_are_held_once() -> None:
    def made() -> dict[str, object]:
        return {"data": {"state": "".join(["2", "." * LARGE])}, "list": ["".join(["x" * LARGE])], "n": 1}

    one, other = shared(made()), shared(made())

    assert one == other == made()
    assert one["data"]["state"] is other["data"]["state"]
    assert one["list"][0] is other["list"][0]
