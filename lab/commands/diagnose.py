"""`kluster diagnose`: the trainee's diagnosis of a symptom."""

from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands import candidates
from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, command, invocation
from lab.commands.symptoms import symptom_of, symptoms_of
from lab.errors import UsageProblem

if TYPE_CHECKING:
    from lab.lab import Lab

__all__ = ["diagnose"]


def diagnose(
    context: typer.Context,
    *,
    symptom: Annotated[
        str | None,
        typer.Argument(metavar="SYMPTOM", help="The symptom's name.", autocompletion=candidates.symptoms),
    ] = None,
    component: Annotated[
        str | None,
        typer.Option(
            "--component",
            "-c",
            metavar="C",
            help="The faulty component.",
            autocompletion=candidates.components,
        ),
    ] = None,
    cause: Annotated[
        str | None,
        typer.Option("--cause", metavar="D", help="The cause.", autocompletion=candidates.causes),
    ] = None,
    name: NameOption = DEFAULT_LAB,
    as_json: JsonOption = False,
) -> None:
    """Save your diagnosis of a symptom. Without SYMPTOM, list the symptoms, components and causes.

    You can change a diagnosis until you submit.
    """
    from lab.core.session import State  # noqa: PLC0415 -- --help does without all that a lab needs

    run = invocation(context)
    lab = run.open(name)
    if symptom is None:
        if component or cause:
            raise UsageProblem("Which symptom?", remedy=f"The list: {command('diagnose', name)}")
        lab.session.need([State.BROKEN, State.SOLVED, State.GIVEN_UP], "diagnose")
        _list(run, lab, as_json=as_json)
        return
    lab.session.need([State.BROKEN], "diagnose")
    spec = symptom_of(lab, symptom)
    if not component or not cause:
        raise UsageProblem(
            "A diagnosis names a component and a cause.",
            remedy=f"kluster diagnose {symptom} --component C --cause D; the lists: {command('diagnose', name)}",
        )
    lab.diagnose(spec.symptom.name, component, cause)
    if as_json:
        run.console.data({"symptom": spec.symptom.name, "component": component, "cause": cause})
    else:
        run.console.say(f"Saved for {spec.symptom.name}: {component}, {cause}. It is judged when you submit.")


def _list(run: Invocation, lab: "Lab", *, as_json: bool) -> None:
    said, lists = lab.session.diagnosis, lab.scenario.diagnosis
    symptoms = []
    for spec in symptoms_of(lab):
        answer = said.get(spec.name)
        symptoms.append(
            {
                "symptom": spec.symptom.name,
                "title": spec.symptom.title,
                "component": answer.component if answer else None,
                "cause": answer.cause if answer else None,
            }
        )
    choices = {
        "components": [choice.model_dump() for choice in lists.components],
        "causes": [choice.model_dump() for choice in lists.causes],
    }
    if as_json:
        run.console.data({"symptoms": symptoms, **choices})
        return
    lines = ["Symptoms:"]
    for each in symptoms:
        yours = f" -> {each['component']}, {each['cause']}" if each["component"] else ""
        lines.append(f"  {each['symptom']}: {each['title']}{yours}")
    for title, found in choices.items():
        lines += ["", f"{title.capitalize()}:", *(f"  {choice['name']}: {choice['title']}" for choice in found)]
    run.console.text("\n".join(lines))
