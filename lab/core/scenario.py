"""A scenario as data: typed models of scenario.yaml, solution.yaml and the hint files."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from lab.core.variants import NO_VARIANT, Parts, Variant

__all__ = [
    "Answer",
    "CheckSpec",
    "Choice",
    "Condition",
    "Diagnosis",
    "FaultSpec",
    "GateSpec",
    "Hint",
    "HintFile",
    "Loaded",
    "Page",
    "Scenario",
    "Solution",
    "SolutionStep",
    "Symptom",
    "Workload",
    "Workloads",
]

#: A Kubernetes name (RFC 1123 label).
NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
NAME_LENGTH = 63
Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=NAME_LENGTH)]
Text = Annotated[str, Field(min_length=1)]
Points = Annotated[int, Field(ge=1, le=100)]

DrillName = Literal["reboot", "rights", "guards", "strangers", "system", "store", "unchanged"]

#: The part of the score that belongs to no single fault.
END_TO_END = "end-to-end"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Symptom(_Model):
    """The trainee's view of a fault: a neutral name and what can be seen."""

    name: Name
    title: Text
    description: Text


class FaultSpec(_Model):
    """One fault of a scenario: the module that injects it, its parameters, and its symptom."""

    name: Name
    kind: Name
    culprit: Text
    domain: Text = Field(description="The exam's domains of the fault, separated by semicolons.")
    symptom: Symptom
    parameters: dict[str, JsonValue] = {}

    @property
    def domains(self) -> set[str]:
        """The exam's domains by name, without what of them is meant."""
        return {part.partition(",")[0].strip() for part in self.domain.split(";")}


class CheckSpec(_Model):
    """One check and its points."""

    name: Name
    kind: Name
    fault: Name = Field(description="The fault of this check, or end-to-end.")
    type: Literal["repair", "keep"] = "repair"
    points: Annotated[int, Field(ge=0, le=100)] = Field(
        description="0 makes it a milestone: it is shown, and does not affect the score."
    )
    title: Text = Field(description="The checked condition, without naming the cause.")
    why: Text = Field(description="Why the condition matters; shown once the fault is repaired or revealed.")
    after: list[Name] = Field(default=[], description="Checks that must pass before this check earns points.")
    parameters: dict[str, JsonValue] = {}

    @property
    def milestone(self) -> bool:
        """Whether the check is a milestone, which only shows progress."""
        return self.points == 0


class GateSpec(_Model):
    """A condition that earns nothing and voids what it guards when it fails."""

    name: Name
    kind: Name
    voids: Name = Field(description="The fault whose points are void, or attempt for all of them.")
    title: Text
    parameters: dict[str, JsonValue] = {}


class Choice(_Model):
    """One entry of a list that a trainee chooses from."""

    name: Name
    title: Text


class Diagnosis(_Model):
    """The lists for a diagnosis, and the points for a right one, split evenly by fault."""

    points: Points
    components: list[Choice]
    causes: list[Choice]


class Workload(_Model):
    """A workload of the baseline, by name."""

    namespace: Name
    kind: Literal["Deployment", "DaemonSet"]
    name: Name


class Workloads(_Model):
    """The workloads of the healthy cluster."""

    manifests: list[str]
    objects: list[Workload]


class Scenario(_Model):
    """The content of scenario.yaml."""

    schema_version: Literal[1] = Field(alias="schema")
    name: Name
    title: Text
    summary: Text
    minutes: Annotated[int, Field(ge=1, le=600)]
    story: str
    debrief: str
    solution: str
    variants: str | None = Field(default=None, description="The file with the parts that a seed varies.")
    hints: list[Name] = Field(
        description="Names of hint files, which are searched in the scenario's folder and in hints/."
    )
    nodes: Annotated[list[Literal["control-plane", "worker"]], Field(min_length=1)]
    workloads: Workloads
    faults: Annotated[list[FaultSpec], Field(min_length=1)]
    checks: Annotated[list[CheckSpec], Field(min_length=1)]
    gates: list[GateSpec] = []
    drill: list[DrillName] = Field(
        default=[],
        description="Steps of the drill at the end of an attempt. Without steps, it ends with a longer look.",
    )
    diagnosis: Diagnosis
    clients_in_exams: bool = Field(
        default=False, description="Whether `kluster kubeconfig` works in an exam of this scenario."
    )

    def fault(self, name: str) -> FaultSpec:
        """Return the fault called `name`, or by its symptom's name; raise `KeyError` if there is none."""
        for fault in self.faults:
            if name in {fault.name, fault.symptom.name}:
                return fault
        raise KeyError(name)

    @property
    def namespaces(self) -> list[str]:
        """The app's namespaces, in file order."""
        return list(dict.fromkeys(workload.namespace for workload in self.workloads.objects))

    def checks_of(self, fault: str) -> list[CheckSpec]:
        """Return the checks of `fault` (or of `end-to-end`), in file order."""
        return [check for check in self.checks if check.fault == fault]


class Condition(_Model):
    """A condition of a hint: a check's last status."""

    check: Name
    status: Literal["pass", "fail", "blocked", "unreadable"]


Only = Annotated[
    dict[Name, list[Name]],
    Field(description="Part -> choices; left out in variants in which such a part has another choice."),
]


class Hint(_Model):
    """One hint. Of several for one fault and tier, the first whose conditions all hold is shown."""

    name: Name
    fault: Name | None = Field(default=None, description="The fault of this hint; empty for hints about method.")
    tier: Annotated[int, Field(ge=0, le=3)]
    text: Text = Field(description="Markdown.")
    when: list[Condition] = Field(
        default=[], description="Conditions that must all hold. Without conditions, it is the tier's general hint."
    )
    only: Only = {}
    on: Literal["cut-short", "kubectl-failed", "idle"] | None = Field(
        default=None, description="The trainee's action that brings up this free hint."
    )


class Page(_Model):
    """A page that an exam allows, to read from the first minute. It is offered for symptoms of its domains."""

    title: Text
    url: Annotated[str, Field(pattern=r"^https://kubernetes\.io/(docs|blog)/[-\w/]+/$")]
    domains: Annotated[list[Text], Field(min_length=1, description="As in a fault's `domain`, before the comma.")]


class HintFile(_Model):
    """The content of a hint file."""

    schema_version: Literal[1] = Field(alias="schema")
    hints: Annotated[list[Hint], Field(min_length=1)]
    pages: list[Page] = Field(default=[], description="Pages that the debrief links to are not allowed.")


class Answer(_Model):
    """The right diagnosis of a fault."""

    component: Name
    cause: Name


class SolutionStep(_Model):
    """One step of a repair: a bash script for a node, with the reason for it."""

    title: Text
    why: Text
    nodes: Literal["control-plane", "all"] = "control-plane"
    only: Only = {}
    run: Text = Field(description="Run by bash -euo pipefail on the node.")
    timeout: Annotated[int, Field(ge=1, le=900)] = 120


class Solution(_Model):
    """The content of solution.yaml: diagnosis and repair of each fault, in an order that works."""

    schema_version: Literal[1] = Field(alias="schema")
    diagnosis: dict[Name, Answer]
    faults: dict[Name, list[SolutionStep]]


class Loaded(BaseModel):
    """A scenario and everything it refers to, read and checked."""

    model_config = ConfigDict(frozen=True)

    scenario: Scenario
    solution: Solution
    hints: list[Hint]
    pages: list[Page]
    story: str
    debrief: str
    #: Manifest texts by file name, in scenario order.
    manifests: dict[str, str]
    folder: Path
    variant: Variant = NO_VARIANT
    #: What varies; None if the scenario has no variants.
    parts: Parts | None = None
