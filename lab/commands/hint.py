"""`kluster hint`: the list of hints with their cost, and the hints of a symptom."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.commands import candidates
from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, YesOption, command, invocation
from lab.commands.symptoms import symptom_of

if TYPE_CHECKING:
    from lab.core.scenario import FaultSpec, Hint
    from lab.core.session import Session
    from lab.lab import Lab

__all__ = ["hint"]


def hint(
    context: typer.Context,
    *,
    symptom: Annotated[
        str | None,
        typer.Argument(
            metavar="SYMPTOM",
            help="The name of a symptom or of a free hint.",
            autocompletion=candidates.hints,
        ),
    ] = None,
    name: NameOption = DEFAULT_LAB,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """List the hints and their cost, or read the hints of SYMPTOM.

    The first hint of a symptom says how to look, and is free. Hints that you have taken are shown again for free.
    Then the next hint is offered with its cost. On a terminal you are asked; without one, --yes takes the hint. A
    hint costs a share of the points that its symptom earns.
    """
    from lab.core.modes import Act  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.session import State  # noqa: PLC0415

    run = invocation(context)
    lab = run.open(name)
    lab.session.need([State.BROKEN, State.SOLVED, State.GIVEN_UP], "give a hint")
    lab.require(Act.TAKE_HINT)
    if symptom is None:
        _list(run, lab, lab.session, as_json=as_json)
        return
    free = next((each for each in lab.loaded.hints if each.fault is None and each.name == symptom), None)
    if free:
        _show(run, [_data(free, "")], as_json=as_json)
        return
    spec = symptom_of(lab, symptom)
    shown = [_data(each, spec.symptom.name) for each in lab.hints(spec.symptom.name)]
    if not as_json:
        _show(run, shown, as_json=False)
    if _wants_next(run, lab, spec, yes=yes):
        taken, _tier = lab.hint(spec.symptom.name)
        more = [_data(taken, spec.symptom.name)]
        shown += more
        if not as_json:
            _show(run, more, as_json=False)
    if as_json:
        _show(run, shown, as_json=True)


def _wants_next(run: Invocation, lab: "Lab", spec: "FaultSpec", *, yes: bool) -> bool:
    """Whether to take the next hint: it is free, or a person accepts its cost."""
    from lab.core.hints import TIER_TITLES  # noqa: PLC0415 -- --help does without

    session, symptom = lab.session, spec.symptom.name
    tier, price = _next(lab, session, spec)
    if tier is None:
        run.console.say(f"These are all hints for {symptom}.")
        return False
    if yes or not price:
        return True
    offer = (
        f"With the next one ({TIER_TITLES[tier]}), all hints for {symptom} cost {price} % of its points together."
    )
    if run.console.interactive:
        return run.console.confirm(f"{offer} Show it?")
    run.console.say(f"{offer} Take it with: {command('hint', session.name)} {symptom} --yes")
    return False


def _next(lab: "Lab", session: "Session", spec: "FaultSpec") -> tuple[int | None, int]:
    """Return the next tier (None: there is none) and the cost of all hints up to it, in percent."""
    from lab.core.hints import LAST_TIER, cost, next_tier  # noqa: PLC0415 -- --help does without

    if session.over or session.hint_tiers.get(spec.name, -1) >= LAST_TIER:
        return None, 0
    tier = next_tier(session.hints_taken, lab.loaded.hints, spec.name)
    return tier, cost(tier)


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
    lines = ["Hints about method, free:"]
    lines += [f"  {each['hint']}: {each['title']}" for each in free]
    lines += ["", "The next hint for each symptom:"]
    for each in symptoms:
        costs = f"{each['cost_percent']} % of its points" if each["cost_percent"] else "free"
        said = "all can be read" if each["next"] is None else f"{each['next_title']} ({costs})"
        lines += [f"  {each['symptom']}: {each['title']}", f"    {said}"]
    run.console.text("\n".join(lines))
    run.console.say(f"Read a symptom's hints, or take the next one: {command('hint', session.name)} SYMPTOM")


def _data(hint: "Hint", symptom: str) -> dict[str, Any]:
    from lab.core.hints import TIER_TITLES, cost  # noqa: PLC0415 -- --help does without

    return {
        "symptom": symptom or None,
        "tier": hint.tier,
        "tier_title": TIER_TITLES[hint.tier],
        "cost_percent": cost(hint.tier) if symptom else 0,
        "text": hint.text,
    }


def _show(run: Invocation, hints: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        run.console.data(hints)
        return
    for each in hints:
        if each["symptom"]:
            run.console.say(f"{each['symptom']}: {each['tier_title']}", "bold")
        run.console.markdown(each["text"])


def _title(text: str) -> str:
    """Return the bold words at the beginning of a hint, otherwise its first line."""
    found = re.match(r"\*\*(.+?)\*\*", text, re.DOTALL)
    return (found[1] if found else text.splitlines()[0]).replace("\n", " ")
