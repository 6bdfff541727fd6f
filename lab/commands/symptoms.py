"""Symptoms by the names that a trainee knows."""

from typing import TYPE_CHECKING

from lab.errors import UsageProblem

if TYPE_CHECKING:
    from lab.core.scenario import FaultSpec
    from lab.lab import Lab

__all__ = ["symptom_of", "symptoms_of"]


def symptoms_of(lab: "Lab") -> "list[FaultSpec]":
    """Return the faults of this attempt, in the scenario's order."""
    injected = lab.session.injected
    return [fault for fault in lab.scenario.faults if fault.name in injected]


def symptom_of(lab: "Lab", name: str) -> "FaultSpec":
    """Return the fault of this attempt whose symptom is called `name`.

    A fault's own name is accepted only once it is public: otherwise guessing names would find causes.

    Raises:
        UsageProblem: there is no such symptom.

    """
    from lab.core.score_view import revealed  # noqa: PLC0415 -- --help does without all that a lab needs

    session, here = lab.session, symptoms_of(lab)
    for fault in here:
        if name == fault.symptom.name or (name == fault.name and revealed(session, fault.name)):
            return fault
    known = ", ".join(fault.symptom.name for fault in here)
    raise UsageProblem(f"There is no symptom '{name}' in this attempt.", remedy=f"The symptoms are: {known}.")
