"""A seed asks the same questions each time, and the simulator answers none of a sample with a Python error."""

import pytest

from tests.differential.areas import AREAS, generated
from tests.differential.asking import ask, prepare
from tests.differential.comparing import cause
from tests.differential.model import Answer, Pair, Question
from tests.differential.report import inline
from tests.differential.sides import simulated_side

_COUNTS = {"policies": 4, "api": 150, "shell": 100, "programs": 60, "files": 16, "settings": 30}


@pytest.mark.parametrize("name", AREAS)
def test_a_seed_asks_the_same_questions_each_time(name: str) -> None:
    first, again = generated(AREAS[name], 3, 20), generated(AREAS[name], 3, 20)
    assert first == again
    assert len(first) == len(set(first)) == 20
    assert generated(AREAS[name], 4, 20) != first


@pytest.mark.parametrize("name", AREAS)
def test_no_answer_of_a_sample_is_a_python_error(name: str) -> None:
    area = AREAS[name]
    questions = generated(area, 11, _COUNTS[name])
    with simulated_side() as cluster:
        prepare(cluster, area)
        found = ask(cluster, area, questions)
    assert [
        (each[0].script, each[1].mistake) for each in zip(questions, found, strict=True) if each[1].mistake
    ] == []


_REAL = Answer(1, "", 'The Service "x" is invalid: spec.type: Unsupported value: "a": supported values: "b"\n')


@pytest.mark.parametrize(
    ("sim", "told"),
    [
        (Answer(0, "", ""), 'accepted; real: spec.type: Unsupported value: "...": supported values: "..."'),
        (Answer(70, "", "", "KeyError: 'a'"), "a Python error: KeyError: 'a'"),
        (Answer(1, "", "not simulated: kubectl x --y (use --backend kind)\n"), "not simulated: kubectl x --y"),
    ],
)
def test_a_cause_is_named_by_the_first_difference_without_its_values(sim: Answer, told: str) -> None:
    assert cause(Pair(Question("api", "true"), _REAL, sim)) == told


def test_objects_differ_by_the_first_path_that_differs() -> None:
    real, sim = '{"kind": "Pod", "spec": {"a": [{"b": 1}]}}', '{"kind": "Pod", "spec": {"a": [{"b": 2}]}}'
    pair = Pair(Question("api", "true"), Answer(0, real, ""), Answer(0, sim, ""))
    assert cause(pair) == "Pod .spec.a[].b: another value"


def test_the_page_stays_text_whatever_was_asked() -> None:
    assert inline("printf 'a\0b\x1b[m'\nécho ⏎") == "`printf 'a\\x00b\\x1b[m' ⏎ écho ⏎`"
