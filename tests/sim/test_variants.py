"""Whole variants on the simulator: 0 points when broken, all when solved, and nothing said that is not so.

Few seeds have each choice of each part: they are held to the end of the drill. More seeds are solved without it.
KLUSTER_SEEDS=N holds the drill of the seeds 1 to N instead.
"""

import os
import re
import textwrap
from collections.abc import Callable

import pytest

from lab.core.drill import DrillStep
from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.core.session import Mode
from lab.debrief import collect, to_markdown
from lab.lab import Lab
from lab.progress import Silent
from lab.rehearsal import rehearse
from lab.store import Store
from tests.sim.unseen import Unseen
from tests.variants import FOLDER, ON_KIND, covering, find, untrue

#: What a check expects is said of all ways to break it.
_EXPECTED = "no setting, unit or timer that a boot would apply"

#: Virtual seconds of a rehearsal of the lab without a seed.
REFERENCE = 157.4

#: The largest seed that `make test` solves.
MOST = 25

_COUNT = int(os.environ.get("KLUSTER_SEEDS", "0"))
SEEDS = list(range(1, _COUNT + 1)) or covering()
#: Other seeds, as many as take less than a minute of processor time with those above.
SOLVED = [seed for seed in range(1, MOST + 1) if seed not in SEEDS]

pytestmark = [pytest.mark.timeout(1200), pytest.mark.usefixtures("turned")]


class Listening(Unseen):
    """A witness that keeps all that is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def evidence(self, fault: str, seen: str) -> None:
        del fault
        self.said.append(seen)

    def explain(self, each: SolutionStep) -> None:
        self.said += [each.title, each.why, each.run]

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        del lab
        return lambda _, outcome: self.said.append(f"{outcome.found} {outcome.expected}")

    def score(self, lab: Lab, score: Score) -> None:
        del lab
        self.said.append(str(score))

    def drilled(self, step: DrillStep) -> None:
        self.said.append(step.shown)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_variant_is_broken_and_solved_and_says_only_what_is_so(seed: int) -> None:
    witness = Listening()
    done = rehearse(FOLDER, witness, name="k5", backend="sim", seed=seed, keep=True, virtual=True)
    assert [figure for figure in done.figures if not figure.right] == []
    assert (done.seed, {step.status for step in done.drill}) == (seed, {"held"})
    # Variants are of equal worth: breaking, repair and drill take the same time.
    assert done.virtual_seconds is not None
    assert abs(done.virtual_seconds - REFERENCE) <= REFERENCE / 20
    lab = Lab.open("k5")
    debrief = collect(lab.session, lab.loaded, Store("k5").timeline())
    text = to_markdown(debrief)
    assert f"kluster play kluster005 --seed {seed}" in text
    said = "\n".join([*witness.said, text, str(debrief.as_data())]).replace(_EXPECTED, "")
    assert find(untrue(seed), said) == []
    lab.delete()


@pytest.mark.parametrize("seed", SOLVED)
def test_a_variant_is_solved(seed: int) -> None:
    witness = Listening()
    lab = Lab.create(
        "k5",
        FOLDER,
        backend="sim",
        mode=Mode.REHEARSAL,
        image=None,
        progress=Silent(),
        seed=seed,
        virtual=True,
    )
    witness.said += lab.break_([], Silent()).values()
    assert [fault.name for fault in lab.check(witness.listener(lab)).faults if fault.points] == []
    lab.solve((), Silent())
    lab.diagnose_as_solved()
    score = lab.check(witness.listener(lab))
    assert score.state == score.maximum, score
    assert find(untrue(seed), "\n".join(witness.said).replace(_EXPECTED, "")) == []
    lab.delete()


@pytest.mark.parametrize("fault", ["etcd-quota", "admission", "policy", "forwarding"])
@pytest.mark.parametrize("seed", ON_KIND[:2])
def test_the_commands_of_a_variants_hints_repair_it(seed: int, fault: str) -> None:
    """What the most detailed hint says is typed as it stands; only `watch` would never end."""
    lab = Lab.create("k5", FOLDER, backend="sim", mode=Mode.TRAINING, image=None, progress=Silent(), seed=seed)
    lab.break_([fault], Silent())
    hint = next(each for each in lab.loaded.hints if (each.fault, each.tier) == (fault, 3) and not each.when)
    blocks = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", hint.text, re.MULTILINE)
    typed = re.sub(r"^watch .*$", "sleep 20", textwrap.dedent("".join(blocks)), flags=re.MULTILINE)
    for node in lab.cluster.nodes if fault == "forwarding" else [lab.cluster.control_plane]:
        node.run(["bash", "-c", typed], timeout=300)
    # Controllers that were refused wait some minutes.
    lab.cluster.control_plane.time.sleep(240)
    found = {each.name: (each.points, each.maximum) for each in lab.check().faults}
    assert found[fault] == (20, 20)
    lab.delete()


def test_a_variant_is_reset_without_a_trace() -> None:
    lab = Lab.create("k5", FOLDER, backend="sim", mode=Mode.TRAINING, image=None, progress=Silent(), seed=SEEDS[0])
    nodes = lab.cluster.nodes
    find_all = ["find", "/etc/systemd", "/etc/sysctl.d", "/usr/local", "/etc/kubernetes", "-type", "f"]
    before = {node.name: node.run(find_all).stdout for node in nodes}
    lab.break_([], Silent())
    assert {node.name: node.run(find_all).stdout for node in nodes} != before
    lab.reset(Silent())
    assert {node.name: node.run(find_all).stdout for node in nodes} == before
    lab.break_([], Silent())
    assert [fault.points for fault in lab.check().faults if fault.name != "end-to-end"] == [0, 0, 0, 0]
    lab.delete()
