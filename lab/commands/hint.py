"""`kluster hint`: what there is and what it costs, and the next one for a symptom."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, YesOption, command, invocation
from lab.commands.symptoms import symptom_of
from lab.errors import ExitCode, LabError, UsageProblem

if TYPE_CHECKING:
    from lab.core.scenario import FaultSpec, Hint
    from lab.core.session import Session
    from lab.lab import Lab

__all__ = ["hint"]


def hint(
    context: typer.Context,
    *,
    symptom: Annotated[
        str | None, typer.Argument(metavar="SYMPTOM", help="A symptom, or a free hint, from the list.")
    ] = None,
    name: NameOption = DEFAULT_LAB,
    again: Annotated[bool, typer.Option("--again", help="Show those taken so far; take none.")] = False,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """List the hints and what they cost, or take the next one for SYMPTOM.

    The first of a symptom says how to look, and is free. What later ones cost is asked for before they are shown,
    and counts only if the symptom is then solved.
    """
    run = invocation(context)
    lab = run.open(name)
    session = lab.session
    _require_hints(session)
    if symptom is None:
        _list(run, lab, session, as_json=as_json)
        return
    free = next((each for each in lab.loaded.hints if each.fault is None and each.name == symptom), None)
    if free:
        _show(run, [_data(free, "", 0)], as_json=as_json)
        return
    spec = symptom_of(lab, symptom)
    if again:
        _show(run, _taken(lab, session, spec), as_json=as_json)
        return
    tier, price = _next(lab, session, spec)
    if tier is None:
        raise UsageProblem(
            f"There are no more hints for {spec.symptom.name}.",
            remedy=f"Read them: {command('hint', name)} {symptom} --again",
        )
    if price:
        run.require_yes(
            f"This one takes {price} % off the points of {spec.symptom.name}, all its hints together. Show it?",
            yes=yes,
        )
    taken, tier = lab.hint(spec.symptom.name)
    _show(run, [_data(taken, spec.symptom.name, tier)], as_json=as_json)


def _require_hints(session: "Session") -> None:
    from lab.core.session import Mode, State  # noqa: PLC0415 -- --help does without all that a lab needs

    if session.mode is Mode.EXAM and not session.over:
        raise LabError("There are no hints in an exam.", code=ExitCode.REFUSED)
    session.need([State.BROKEN, State.SOLVED, State.GIVEN_UP], "give a hint")


def _next(lab: "Lab", session: "Session", spec: "FaultSpec") -> tuple[int | None, int]:
    """Return the next tier (none: all were taken) and what hints up to it cost, in percent."""
    from lab.core.hints import LAST_TIER, cost, next_tier  # noqa: PLC0415 -- --help does without

    if session.hint_tiers.get(spec.name, -1) >= LAST_TIER:
        return None, 0
    tier = next_tier(session.hints_taken, lab.loaded.hints, spec.name)
    return tier, 0 if session.over else cost(tier)


def _list(run: Invocation, lab: "Lab", session: "Session", *, as_json: bool) -> None:
    from lab.core.hints import TIER_TITLES  # noqa: PLC0415 -- --help does without

    free = [{"hint": each.name, "title": _title(each.text)} for each in lab.loaded.hints if each.fault is None]
    symptoms = []
    for spec in lab.scenario.faults:
        if spec.name not in session.injected:
            continue
        tier, price = _next(lab, session, spec)
        symptoms.append(
            {
                "symptom": spec.symptom.name,
                "title": spec.symptom.title,
                "taken": session.hint_tiers.get(spec.name),
                "next": tier,
                "next_title": None if tier is None else TIER_TITLES[tier],
                "cost_percent": price,
            }
        )
    if as_json:
        run.console.data({"free": free, "symptoms": symptoms})
        return
    lines = ["About method, free:"]
    lines += [f"  {each['hint']}: {each['title']}" for each in free]
    lines += ["", "For a symptom, the next:"]
    for each in symptoms:
        costs = f"{each['cost_percent']} % of its points" if each["cost_percent"] else "free"
        said = "all were shown" if each["next"] is None else f"{each['next_title']} ({costs})"
        lines += [f"  {each['symptom']}: {each['title']}", f"    {said}"]
    run.console.text("\n".join(lines))
    run.console.say(f"Take one with: {command('hint', session.name)} SYMPTOM")


def _taken(lab: "Lab", session: "Session", spec: "FaultSpec") -> list[dict[str, Any]]:
    hints = {each.name: each for each in lab.loaded.hints if each.fault == spec.name}
    return [_data(hints[n], spec.symptom.name, hints[n].tier) for n in session.hints_taken if n in hints]


def _data(hint: "Hint", symptom: str, tier: int) -> dict[str, Any]:
    from lab.core.hints import TIER_TITLES, cost  # noqa: PLC0415 -- --help does without

    return {
        "symptom": symptom or None,
        "tier": tier,
        "tier_title": TIER_TITLES[tier],
        "cost_percent": cost(tier) if symptom else 0,
        "text": hint.text,
    }


def _show(run: Invocation, hints: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        run.console.data(hints)
        return
    if not hints:
        run.console.say("None was taken yet.")
    for each in hints:
        if each["symptom"]:
            run.console.say(f"{each['symptom']}: {each['tier_title']}", "bold")
        run.console.markdown(each["text"])


def _title(text: str) -> str:
    """Return the words that a hint begins with in bold, else its first line."""
    found = re.match(r"\*\*(.+?)\*\*", text, re.DOTALL)
    return (found[1] if found else text.splitlines()[0]).replace("\n", " ")
