"""A share of a processor among those who never wait."""

import heapq
from collections import Counter
from collections.abc import Mapping

from lab.core.ration import Ration


def _taken(workers: Mapping[str, int], share: float, seconds: float = 200.0) -> Counter[str]:
    """Return what each owner's workers take of one processor, each with pieces of 10 ms."""
    ration, taken, free = Ration(share), Counter[str](), 0.0
    queue = [(0.0, owner, worker) for owner, count in workers.items() for worker in range(count)]
    heapq.heapify(queue)
    while queue[0][0] < seconds:
        at, owner, worker = heapq.heappop(queue)
        free = max(at, free) + 0.01
        taken[owner] += 1
        heapq.heappush(queue, (free + ration.rest(owner, worker, 0.01, free), owner, worker))
    return Counter({owner: round(count * 0.01 / seconds, 2) for owner, count in taken.items()})


def test_one_takes_the_share_and_no_more() -> None:
    assert _taken({"one": 1}, 0.3) == {"one": 0.3}


def test_many_workers_of_one_owner_take_no_more_than_the_one_worker_of_another() -> None:
    taken = _taken({"bomb": 30, "loop": 1, "yes": 1}, 0.3)

    assert sum(taken.values()) < 0.33
    assert max(taken.values()) - min(taken.values()) < 0.03


def test_who_has_stopped_does_not_count_any_more() -> None:
    ration = Ration(0.5)
    ration.rest("gone", 1, 0.01, 0.0)

    assert ration.rest("other", 1, 0.01, 0.1) == 0.01 * 3
    assert ration.rest("other", 1, 0.01, 5.0) == 0.01
