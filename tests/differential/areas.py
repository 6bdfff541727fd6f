"""The areas of questions, by name, and the generation of their questions."""

from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis

from tests.differential.generators import api, files, policies, programs, settings, shell
from tests.differential.model import Area, Question

__all__ = ["AREAS", "generated", "hypothesis_settings"]

AREAS: dict[str, Area] = {each.AREA.name: each.AREA for each in (policies, api, shell, programs, settings, files)}


def hypothesis_settings(count: int, *phases: Phase) -> hypothesis:
    """Return settings without a database, time limits and health checks."""
    return hypothesis(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


def generated(area: Area, number: int, count: int) -> list[Question]:
    """Return `count` different questions of seed `number`, or as many as there are: the same ones each time."""
    found: dict[Question, None] = {}

    @seed(number)
    @hypothesis_settings(3 * count, Phase.generate)
    @given(area.question())
    def collect(question: Question) -> None:
        found[question] = None

    collect()
    return list(found)[:count]
