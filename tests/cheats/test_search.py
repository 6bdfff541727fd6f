"""Cases of the corpus at random, one on top of another: what scores 100 keeps all of the board's rules.

After each case the rules are asked of the model. Where one is broken, a quick look must find less than 100, or the
drill must. A look takes a tenth of a second of processor time, and a drill two: `make test` holds few.

KLUSTER_SEQUENCES=N tries N sequences, and holds each drill; KLUSTER_SEED=N begins elsewhere.
"""

import contextlib
import os
import random
import re
from collections.abc import Callable, Iterator

import pytest

from lab.baseline import Baseline
from lab.cluster.sim.process.cluster import SimCluster
from lab.errors import LabError
from lab.lab import Lab
from tests.cheats.board import broken_by_a_boot, broken_rules
from tests.cheats.case import CASES
from tests.cheats.looking import quick, whole
from tests.drill.holding import held, steps_told

SEED = int(os.environ.get("KLUSTER_SEED", "5"))
SEQUENCES = int(os.environ.get("KLUSTER_SEQUENCES", "300"))
#: Sequences in one test.
AT_ONCE = 30
#: The first of these tests may hold so many drills each.
DRILLS = AT_ONCE if "KLUSTER_SEQUENCES" in os.environ else 1
HOLDING = 10**6 if "KLUSTER_SEQUENCES" in os.environ else 1
LONGEST = 5
#: In place of the reference repair of forwarding.
OTHERS = sorted(name for name, case in CASES.items() if case.instead_of and not case.only)
ON_TOP = sorted(name for name, case in CASES.items() if not (case.instead_of or case.only))


def cases(number: str) -> list[str]:
    """Return the cases of the walk `number`: often honest ones alone, so that some score 100."""
    chance = random.Random(f"{SEED} {number}")  # noqa: S311 -- to be repeated
    honest = chance.random() < 0.5
    on_top = [name for name in ON_TOP if not honest or CASES[name].earns == "all"]
    others = [name for name in OTHERS if not honest or CASES[name].earns == "all"]
    first = [chance.choice(others)] if chance.random() < 0.3 else []
    return [*first, *chance.sample(on_top, LONGEST - len(first))]


def broken(cluster: SimCluster, baseline: Baseline, names: list[str]) -> list[str]:
    """Return the rules that are broken now, and those that a boot breaks if a case had to do with that."""
    found = broken_rules(cluster, baseline)
    scripts = "".join(do.run for name in names for do in CASES[name].do)
    if not found and re.search("forward|systemctl", scripts):
        with cluster.copy() as booted:
            return broken_by_a_boot(booted)
    return found


def walked(lab: Lab, names: list[str], drills: list[str]) -> Iterator[list[str]]:
    """Do the cases one after another; yield each sequence that was judged. A broken rule ends the walk.

    `drills` has the drills that may still be held.
    """
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        for count, name in enumerate(names, 1):
            # One may have taken away what the next would change.
            with contextlib.suppress(LabError):
                CASES[name].perform(cluster)
            done = names[:count]
            if rules := broken(cluster, lab.baseline(), done):
                if whole(quick(lab, cluster)) and drills:
                    drills.pop()
                    score, steps = held(lab, cluster)
                    assert not whole(score), f"{done}\n{rules}\n{steps_told(steps)}"
                yield done
                return
            yield done


@pytest.mark.parametrize("part", range(-(-SEQUENCES // AT_ONCE)))
def test_what_scores_100_keeps_the_boards_rules(part: int, repaired: Callable[[str | None], Lab]) -> None:
    wanted, walk = min(AT_ONCE, SEQUENCES - part * AT_ONCE), 0
    drills = [str(part)] * (DRILLS if part < HOLDING else 0)
    while wanted > 0:
        names = cases(f"{part} {walk}")
        walk += 1
        for _ in walked(repaired(CASES[names[0]].instead_of), names, drills):
            wanted -= 1


def test_a_repaired_cluster_keeps_the_boards_rules(repaired: Callable[[str | None], Lab]) -> None:
    lab = repaired(None)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        assert broken_rules(cluster, lab.baseline()) == []
        assert broken_by_a_boot(cluster) == []


@pytest.mark.parametrize(
    "name",
    [
        "db-open-to-web-of-any-namespace",
        "pod-security-exempts-a-controller",
        "the-default-service-account-is-cluster-admin",
        "authorization-always-allow",
        "forwarding-off-by-a-moved-unit",
        "another-service-fills-the-store-at-boot",
        "a-quota-of-1-gib",
        "a-tool-shadowed",
        "a-tool-replaced",
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
        assert broken_rules(cluster, lab.baseline()) or broken_by_a_boot(cluster)
