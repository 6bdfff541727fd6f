"""How a drill changes the results: rules over outcomes made by hand, and the pages that show them."""

import pytest

from lab.core.drill import Found, Tripped, merged, with_gates
from lab.core.grading import GateFinding, Outcome, Status
from lab.core.score_view import DrillStepView
from lab.debrief.pages import _drill
from lab.drill.guards import refused_by_pod_security
from tests.expected import A, E, F
from tests.unit.test_grading import ALL_PASS, SCENARIO

PASS = Outcome.passed("as it must be")


def counted(
    before: dict[str, Outcome], *looks: dict[str, Outcome], found: tuple[Found, ...] = ()
) -> dict[str, Outcome]:
    return merged(SCENARIO.checks, {**ALL_PASS, **before}, [{**ALL_PASS, **look} for look in looks], found)


def test_a_drill_that_holds_changes_nothing() -> None:
    assert counted({}, {}) == ALL_PASS


def test_what_fails_in_a_look_during_the_drill_fails() -> None:
    outcome = counted({}, {"cross-node": Outcome.failed("no answer", "an answer")})["cross-node"]
    assert (outcome.status, outcome.found) == (Status.FAIL, "in the drill: no answer")


def test_what_failed_before_is_not_healed_by_a_reboot() -> None:
    failed = Outcome.failed("off", "on")
    assert counted({"forwarding-on": failed}, {})["forwarding-on"] == failed


def test_drill_results_replace_readings() -> None:
    failed = Outcome.failed("a unit would turn it off", "on")
    held = Found("forwarding-lasts", ok=True, found="", decided=True)
    assert counted({"forwarding-lasts": failed}, {}, found=(held,))["forwarding-lasts"].status is Status.PASS
    off = Found("forwarding-lasts", ok=False, found="off after the boot", decided=True)
    assert counted({}, {}, found=(off,))["forwarding-lasts"].found == "off after the boot"


def test_what_an_unrepaired_fault_hides_after_the_reboot_stays_as_it_was() -> None:
    hidden = Outcome.blocked(A, "no CNI pod")
    unrepaired = {"system-pods": Outcome.failed("missing", "Ready")}
    assert counted(unrepaired, {"cross-node": hidden})["cross-node"].status is Status.PASS


def test_what_a_repaired_fault_hides_after_the_reboot_counts_as_hidden() -> None:
    hidden = Outcome.blocked(E, "the API server gives no answer")
    assert counted({}, {"cross-node": hidden})["cross-node"].status is Status.BLOCKED


def test_gates_stay_tripped_and_steps_trip_them_by_kind() -> None:
    quiet = [GateFinding(gate.name, gate.title, gate.voids, tripped=False, found="") for gate in SCENARIO.gates]
    first = [GateFinding("same-tools", "the tools", "attempt", tripped=True, found="changed"), *quiet[1:]]
    gates = {
        gate.name: gate
        for gate in with_gates(SCENARIO.gates, [first, quiet], [Tripped("access-control", "anybody")])
    }
    assert {name for name, gate in gates.items() if gate.tripped} == {"same-tools", "access-control"}
    assert gates["access-control"].found == "anybody"


def test_the_debrief_says_what_each_step_has_shown() -> None:
    steps = (
        DrillStepView("reboot", "Reboot", "failed", "off at *worker*", 61.0),
        DrillStepView("guards", "Try", "skipped", "nothing of it was broken", 0.0),
    )
    page = "\n".join(_drill(steps))
    assert "## The drill: failed" in page
    assert "✗ failed: **Reboot** (61 s)" in page
    assert "off at \\*worker\\*" in page
    assert "… skipped: **Try**" in page
    assert _drill(()) == []


def test_only_forwarding_is_decided_by_the_drill_alone() -> None:
    """A pass that only the drill can show is rare: a check sees most passes before the drill too."""
    assert [check.name for check in SCENARIO.checks_of(F)][-1] == "forwarding-lasts"


_BY_POD_SECURITY = 'pods "cart-1" is forbidden: violates PodSecurity "restricted:latest": privileged (...)'


def test_only_pod_securitys_own_refusal_counts() -> None:
    said = f'Error from server (Forbidden): error when creating "STDIN": {_BY_POD_SECURITY}\n'
    assert refused_by_pod_security(said) == {"cart-1"}
    assert refused_by_pod_security(f"Error from server (Forbidden): {_BY_POD_SECURITY}") == {"cart-1"}


@pytest.mark.parametrize(
    "said",
    [
        f"pods \"cart-1\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied: {_BY_POD_SECURITY}",
        f'admission webhook "w.example" denied the request: {_BY_POD_SECURITY}',
        f'admission webhook "w.example" denied the request: no\nError from server (Forbidden): {_BY_POD_SECURITY}',
    ],
)
def test_a_policy_or_a_webhook_that_speaks_like_pod_security_refuses_nothing(said: str) -> None:
    assert refused_by_pod_security(f"Error from server (Forbidden): {said}") == set()
