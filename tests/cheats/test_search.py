"""Cases of the corpus at random, several on top of one another: what scores 100 keeps all of the board's rules.

KLUSTER_SEQUENCES=N tries N of them instead of a few; KLUSTER_SEED=N begins elsewhere.
"""

import contextlib
import os
import random
from collections.abc import Callable

import pytest

from lab.errors import LabError
from lab.lab import Lab
from tests.cheats.board import broken_rules
from tests.cheats.case import CASES
from tests.drill.holding import held, steps_told

SEED = int(os.environ.get("KLUSTER_SEED", "5"))
SEQUENCES = int(os.environ.get("KLUSTER_SEQUENCES", "8"))
#: In place of the reference repair of forwarding.
OTHERS = sorted(name for name, case in CASES.items() if case.instead_of and not case.only)
ON_TOP = sorted(name for name, case in CASES.items() if not (case.instead_of or case.only))


def sequence(number: int) -> list[str]:
    """Return the cases of the sequence `number`: often honest ones alone, so that some score 100."""
    chance = random.Random(f"{SEED} {number}")  # noqa: S311 -- to be repeated
    honest = chance.random() < 0.5
    on_top = [name for name in ON_TOP if not honest or CASES[name].earns == "all"]
    others = [name for name in OTHERS if not honest or CASES[name].earns == "all"]
    first = [chance.choice(others)] if chance.random() < 0.4 else []
    return [*first, *chance.sample(on_top, chance.randint(1, 4))]


@pytest.mark.parametrize("number", range(SEQUENCES))
def test_what_scores_100_keeps_the_boards_rules(number: int, repaired: Callable[[str | None], Lab]) -> None:
    names = sequence(number)
    lab = repaired(CASES[names[0]].instead_of)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        for name in names:
            # One may have taken away what the next would change.
            with contextlib.suppress(LabError):
                CASES[name].perform(cluster)
        cluster.control_plane.time.sleep(60)
        score, steps = held(lab, cluster)
        if score.state == score.maximum:
            broken = broken_rules(cluster, lab.baseline())
            assert not broken, f"{names}\n{broken}\n{steps_told(steps)}"


def test_a_repaired_cluster_keeps_the_boards_rules(repaired: Callable[[str | None], Lab]) -> None:
    lab = repaired(None)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        assert broken_rules(cluster, lab.baseline()) == []


@pytest.mark.parametrize(
    "name",
    [
        "db-open-to-web-of-any-namespace",
        "pod-security-exempts-a-controller",
        "the-default-service-account-is-cluster-admin",
        "forwarding-off-by-a-moved-unit",
        "another-service-fills-the-store-at-boot",
        "a-quota-of-1-gib",
        "a-tool-shadowed",
        "the-workers-kubelet-disabled",
    ],
)
def test_the_rules_are_seen_to_be_broken(name: str, repaired: Callable[[str | None], Lab]) -> None:
    """An oracle that never says no would prove nothing."""
    lab = repaired(None)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        CASES[name].perform(cluster)
        if name.startswith("another-service"):
            cluster.control_plane.run(["systemctl", "reboot"])
            cluster.control_plane.time.sleep(60)
        assert broken_rules(cluster, lab.baseline())
