"""The relations between the parts of a scenario: references, sums of points, completeness."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from lab.core.grading import ATTEMPT
from lab.core.problems import nearest, quoted
from lab.core.scenario import END_TO_END, CheckSpec, Hint, HintFile, Scenario, Solution
from lab.core.shape import validate
from lab.core.variants import Variant
from lab.core.yaml_marks import Document, Keys

__all__ = [
    "Catalog",
    "check_hints",
    "check_pages",
    "check_scenario",
    "check_solution",
    "check_workloads",
    "read_objects",
]

TIERS = range(4)
FULL_SCORE = 100

#: Kinds of workloads that a scenario may list; a baseline has no others.
LISTED = ("Deployment", "DaemonSet")
UNLISTED = ("CronJob", "Job", "Pod", "ReplicaSet", "ReplicationController", "StatefulSet")


@dataclass(frozen=True, slots=True)
class Catalog:
    """The kinds of faults, checks and gates that exist, each with the model of its parameters."""

    faults: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    checks: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    gates: Mapping[str, type[BaseModel]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Object:
    """A Kubernetes object in a manifest: document number `index` of `source`."""

    source: Document
    index: int
    kind: str
    #: Kind, namespace and name, for messages.
    label: str


def check_scenario(scenario: Scenario, document: Document, catalog: Catalog) -> None:
    """Report in `document` what does not fit together in scenario.yaml."""
    _check_names(scenario, document)
    _check_nodes(scenario, document)
    _check_kinds(scenario, document, catalog)
    _check_references(scenario, document)
    _check_cycles(scenario, document)
    _check_points(scenario, document)


def check_solution(solution: Solution, document: Document, scenario: Scenario, variant: Variant) -> None:
    """Report in `document` faults that solution.yaml leaves out, and names that do not exist."""
    faults = [fault.name for fault in scenario.faults]
    for part, said in (("diagnosis", list(solution.diagnosis)), ("faults", list(solution.faults))):
        for name in said:
            _check_known(document, (part, name), name, faults, "fault", key=True)
        meant = {nearest(name, faults) for name in said}
        for name in faults:
            if name not in meant:
                document.report((part,), f"the fault {quoted(name)} is missing")
    for name, steps in solution.faults.items():
        if not any(variant.fits(step.only) for step in steps):
            document.report(("faults", name), f"no steps for {quoted(name)}{_told(variant)}")
    components = [choice.name for choice in scenario.diagnosis.components]
    causes = [choice.name for choice in scenario.diagnosis.causes]
    for name, answer in solution.diagnosis.items():
        at = ("diagnosis", name)
        _check_known(document, (*at, "component"), answer.component, components, "component")
        _check_known(document, (*at, "cause"), answer.cause, causes, "cause")


def check_hints(
    files: Sequence[tuple[HintFile, Document]],
    scenario: Scenario,
    document: Document,
    variant: Variant,
    *,
    complete: bool,
) -> None:
    """Report errors between hints and scenario.

    A tier without a hint is reported in `document` if `files` are `complete`, that is all hint files of the
    scenario.
    """
    faults = [fault.name for fault in scenario.faults]
    checks = [check.name for check in scenario.checks]
    seen: dict[str, str] = {}
    general: dict[tuple[str, int], str] = {}
    for file, source in files:
        for i, hint in enumerate(file.hints):
            at = ("hints", i)
            if hint.name in seen:
                source.report((*at, "name"), f"the hint {quoted(hint.name)} is already in {seen[hint.name]}")
            seen.setdefault(hint.name, f"line {source.mark((*at, 'name')).line} of {source.file.name}")
            if hint.fault is not None:
                _check_known(source, (*at, "fault"), hint.fault, faults, "fault")
            for j, condition in enumerate(hint.when):
                _check_known(source, (*at, "when", j, "check"), condition.check, checks, "check")
            if hint.fault and variant.fits(hint.only):
                _check_shown(hint, source, at, general)
    for fault in faults:
        lacking = [str(tier) for tier in TIERS if (fault, tier) not in general]
        if lacking and complete:
            tiers = "tier" if len(lacking) == 1 else "tiers"
            document.report(
                ("hints",),
                f"no hint without conditions for {quoted(fault)}, {tiers} {', '.join(lacking)}{_told(variant)}",
            )


def _check_shown(hint: Hint, source: Document, at: Keys, general: dict[tuple[str, int], str]) -> None:
    """Report a hint after another one that is always shown; `general` has those, by fault and tier."""
    key = str(hint.fault), hint.tier
    if before := general.get(key):
        source.report(at, f"never shown, since {quoted(before)} comes before it and has no conditions")
    elif not hint.when:
        general[key] = hint.name


def _told(variant: Variant) -> str:
    """Return which variant an error is in; empty if it has no choices."""
    choices = ", ".join(f"{part}: {choice}" for part, choice in variant.choices.items())
    return f" in the variant {{{choices}}}" if choices else ""


def check_pages(files: Sequence[tuple[HintFile, Document]], debrief: str) -> None:
    """Note the pages that reveal the causes: the debrief links to them, once nothing is secret any more."""
    named = {url.rstrip("/") for url in re.findall(r"https?://[^\s)>\]]+", debrief)}
    for file, source in files:
        for i, page in enumerate(file.pages):
            if page.url.rstrip("/") in named:
                source.report(("pages", i, "url"), "the debrief names this page: it gives the cause away")


def read_objects(source: Document) -> list[Object]:
    """Return the objects in a manifest; report anything else."""
    found = []
    documents = source.value if isinstance(source.value, list) else []
    for i, item in enumerate(documents):
        if item is None:
            continue  # nothing between two dashed lines, or comments only
        if not isinstance(item, dict):
            source.report((i,), "a Kubernetes object is a mapping")
            continue
        required: list[Keys] = [("apiVersion",), ("kind",), ("metadata", "name")]
        wrong = [keys for keys in required if not _is_text(source.get(i, *keys))]
        for keys in wrong:
            source.report((i, *keys), f"{'.'.join(map(str, keys))} of a Kubernetes object must be a text")
        if not wrong:
            kind, name = str(source.get(i, "kind")), source.get(i, "metadata", "name")
            namespace = source.get(i, "metadata", "namespace") or ("default" if kind in LISTED else None)
            found.append(Object(source, i, kind, f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"))
    if source.readable and all(item is None for item in documents):
        source.report((), "there is no Kubernetes object in it")
    return found


def check_workloads(objects: Sequence[Object], scenario: Scenario, document: Document, *, complete: bool) -> None:
    """Report differences between the listed workloads and those in the manifests.

    A workload in no manifest is reported in `document` if `objects` are `complete`, that is all objects of the
    manifests.
    """
    listed = [f"{item.kind} {item.namespace}/{item.name}" for item in scenario.workloads.objects]
    present: dict[str, Object] = {}
    for found in objects:
        name: Keys = (found.index, "metadata", "name")
        if found.label in present:
            first = present[found.label]
            line = first.source.mark((first.index, "metadata", "name")).line
            found.source.report(name, f"{found.label} is already in line {line} of {first.source.file.name}")
        elif found.kind in UNLISTED:
            kinds = " and ".join(LISTED)
            found.source.report((found.index, "kind"), f"a {found.kind} is not watched by the lab; {kinds} are")
        elif found.kind in LISTED and found.label not in listed:
            found.source.report(name, f"{found.label} is not in the scenario's workloads.objects")
        present.setdefault(found.label, found)
    for i, label in enumerate(listed):
        if complete and label not in present:
            near = nearest(label, (found.label for found in objects if found.kind in LISTED))
            document.report(("workloads", "objects", i), f"{label} is in no manifest", near)


def _check_names(scenario: Scenario, document: Document) -> None:
    diagnosis = scenario.diagnosis
    lists: list[tuple[str, Keys, Iterable[str], Keys]] = [
        ("check", ("checks",), (item.name for item in scenario.checks), ("name",)),
        ("gate", ("gates",), (item.name for item in scenario.gates), ("name",)),
        ("component", ("diagnosis", "components"), (item.name for item in diagnosis.components), ("name",)),
        ("cause", ("diagnosis", "causes"), (item.name for item in diagnosis.causes), ("name",)),
        ("hint file", ("hints",), scenario.hints, ()),
        ("manifest", ("workloads", "manifests"), scenario.workloads.manifests, ()),
        ("workload", ("workloads", "objects"), _workload_names(scenario), ("name",)),
    ]
    for what, at, names, leaf in lists:
        seen: dict[str, Keys] = {}
        for i, name in enumerate(names):
            _check_new(document, (*at, i, *leaf), name, seen, what)
    # Faults can be named by their own names and by their symptoms', so all of these must be distinct.
    seen = {}
    for i, fault in enumerate(scenario.faults):
        for name, leaf in {fault.symptom.name: ("symptom", "name"), fault.name: ("name",)}.items():
            if name in {END_TO_END, ATTEMPT}:
                document.report(("faults", i, *leaf), f"{quoted(name)} is reserved, and can't name a fault")
            _check_new(document, ("faults", i, *leaf), name, seen, "fault or symptom")


def _workload_names(scenario: Scenario) -> Iterable[str]:
    return (f"{item.namespace}/{item.kind}/{item.name}" for item in scenario.workloads.objects)


def _check_new(document: Document, at: Keys, name: str, seen: dict[str, Keys], what: str) -> None:
    if name in seen:
        line = document.mark(seen[name]).line
        document.report(at, f"the {what} {quoted(name)} is already in line {line}")
    seen.setdefault(name, at)


def _check_nodes(scenario: Scenario, document: Document) -> None:
    if scenario.nodes[0] != "control-plane":
        document.report(("nodes", 0), "the first node must be the control-plane")
    for i, node in enumerate(scenario.nodes[1:], start=1):
        if node == "control-plane" and "control-plane" in scenario.nodes[:i]:
            document.report(("nodes", i), "a second control-plane; a lab has one")


def _check_kinds(scenario: Scenario, document: Document, catalog: Catalog) -> None:
    parts: list[tuple[str, str, Sequence[Any], Mapping[str, type[BaseModel]]]] = [
        ("fault", "faults", scenario.faults, catalog.faults),
        ("check", "checks", scenario.checks, catalog.checks),
        ("gate", "gates", scenario.gates, catalog.gates),
    ]
    for what, part, items, models in parts:
        for i, item in enumerate(items):
            if _check_known(document, (part, i, "kind"), item.kind, models, f"kind of {what}"):
                validate(document, models[item.kind], (part, i, "parameters"))


def _check_references(scenario: Scenario, document: Document) -> None:
    faults = [fault.name for fault in scenario.faults]
    checks = {check.name: check for check in scenario.checks}
    for i, check in enumerate(scenario.checks):
        _check_known(document, ("checks", i, "fault"), check.fault, [*faults, END_TO_END], "fault")
        for j, name in enumerate(check.after):
            at = ("checks", i, "after", j)
            if _check_known(document, at, name, checks, "check") and checks[name].fault != check.fault:
                document.report(at, f"{quoted(name)} is a check of another fault, {quoted(checks[name].fault)}")
        if check.milestone and check.type == "keep":
            document.report(("checks", i, "points"), "a keep check can't be a milestone: it must earn points")
    for i, gate in enumerate(scenario.gates):
        _check_known(document, ("gates", i, "voids"), gate.voids, [*faults, ATTEMPT], "fault")
    for i, fault in enumerate(scenario.faults):
        if not any(check.type == "repair" and not check.milestone for check in scenario.checks_of(fault.name)):
            document.report(
                ("faults", i, "name"), f"no repair check with points belongs to the fault {quoted(fault.name)}"
            )


def _check_cycles(scenario: Scenario, document: Document) -> None:
    """Report each circle of `after`, once, at the entry that closes it."""
    places: dict[str, tuple[int, CheckSpec]] = {check.name: (i, check) for i, check in enumerate(scenario.checks)}
    done: set[str] = set()
    for start in places:
        # Depth first without recursion: a path, and for each of its checks the remaining entries of `after`.
        path, rest = [start], [list(enumerate(places[start][1].after))]
        while path:
            if not rest[-1] or path[-1] in done:
                done.add(path.pop())
                rest.pop()
                continue
            j, name = rest[-1].pop(0)
            if name in path:
                circle = " -> ".join([*path[path.index(name) :], name])
                document.report(("checks", places[path[-1]][0], "after", j), f"a circle: {circle}")
            elif name in places:
                path.append(name)
                rest.append(list(enumerate(places[name][1].after)))


def _check_points(scenario: Scenario, document: Document) -> None:
    checks, diagnosis = sum(check.points for check in scenario.checks), scenario.diagnosis.points
    if checks + diagnosis != FULL_SCORE:
        document.report(
            ("checks",),
            f"points add up to {checks + diagnosis} (checks {checks}, diagnosis {diagnosis}), not to {FULL_SCORE}",
            key=True,
        )


def _check_known(
    document: Document, at: Keys, name: str, known: Iterable[str], what: str, *, key: bool = False
) -> bool:
    names = list(known)
    if name not in names:
        document.report(at, f"there is no {what} {quoted(name)}", nearest(name, names), key=key)
    return name in names


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
