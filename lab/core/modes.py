"""The rules of a lab's modes, as one table. Pure: no cluster, no screen.

Commands, the play screen and any server of labs ask here before they show or do anything that a mode may refuse.
What `Act` does not name is allowed in every mode.
"""

from enum import StrEnum
from typing import Final

__all__ = ["CLOSED_BY_AN_EXAM", "Act", "Mode", "Phase", "binding", "refusal"]


class Mode(StrEnum):
    """The purpose of a lab; every command in every terminal obeys it."""

    TRAINING = "training"
    EXAM = "exam"
    GAME_DAY = "game-day"
    REHEARSAL = "rehearsal"


class Phase(StrEnum):
    """The phase of an attempt."""

    #: The clock has not started: the lab is made, broken or reset.
    BEFORE = "before"
    RUNNING = "running"
    #: Submitted, by the trainee or because the time was over.
    OVER = "over"


class Act(StrEnum):
    """An act that a mode may refuse."""

    #: Begin an attempt: break the cluster and start the clock.
    BEGIN = "begin"
    #: Discard a running attempt: reset the lab, or create another one in its place.
    BEGIN_AGAIN = "begin again"
    #: Enter a node: a shell, or one command.
    ENTER = "enter"
    #: Connect to the cluster with programs of one's own, unless the scenario allows them in exams.
    CONNECT = "connect"
    #: See which checks pass, with points.
    SEE_STATES = "see states"
    #: See cause and findings of a symptom that was repaired, or whose cause a hint or the solution has named.
    SEE_FINDINGS = "see findings"
    #: See everything: causes, right answers, the debrief.
    SEE_ALL = "see all"
    #: See the seed of the variant: with it, a rehearsal elsewhere shows the answers.
    SEE_SEED = "see the seed"
    #: See each step of breaking and resetting by name (`-v`).
    SEE_STEPS = "see steps"
    TAKE_HINT = "take a hint"
    SOLVE = "solve"
    #: Stop the clock for a while.
    PAUSE = "pause"


_LATER: Final = "The debrief comes after the attempt."
_NOT_BEGUN: Final = "The exam has not begun."
_NO_STATES: Final = "An exam shows no states and no findings before its end."
_SEED: Final = "An exam names its seed after its end."
_STEPS: Final = "The steps give away what is broken."

#: Mode and phase -> act -> why it is refused.
_REFUSED: Final[dict[tuple[Mode, Phase], dict[Act, str]]] = {
    (Mode.TRAINING, Phase.BEFORE): {Act.SEE_ALL: _LATER},
    (Mode.TRAINING, Phase.RUNNING): {Act.SEE_ALL: _LATER},
    (Mode.GAME_DAY, Phase.BEFORE): {Act.SEE_ALL: _LATER, Act.SEE_STEPS: _STEPS},
    (Mode.GAME_DAY, Phase.RUNNING): {
        Act.SEE_ALL: _LATER,
        Act.SEE_STEPS: _STEPS,
        Act.PAUSE: "The clock of a game day is the same for all teams.",
    },
    (Mode.EXAM, Phase.BEFORE): {
        Act.ENTER: _NOT_BEGUN,
        Act.CONNECT: _NOT_BEGUN,
        Act.SEE_STATES: _NOT_BEGUN,
        Act.SEE_FINDINGS: _NOT_BEGUN,
        Act.SEE_ALL: _LATER,
        Act.SEE_SEED: _SEED,
        Act.SEE_STEPS: _STEPS,
        Act.TAKE_HINT: "There are no hints in an exam.",
        Act.SOLVE: _NOT_BEGUN,
    },
    (Mode.EXAM, Phase.RUNNING): {
        Act.CONNECT: "An exam is taken on the nodes, without other clients.",
        Act.BEGIN_AGAIN: "An exam can't begin again before its end.",
        Act.SEE_STATES: _NO_STATES,
        Act.SEE_FINDINGS: _NO_STATES,
        Act.SEE_ALL: _LATER,
        Act.SEE_SEED: _SEED,
        Act.SEE_STEPS: _STEPS,
        Act.TAKE_HINT: "There are no hints in an exam.",
        Act.SOLVE: "An exam shows no solution before its end.",
        Act.PAUSE: "The clock of an exam does not stop.",
    },
}

#: Acts that a running exam also refuses in other labs of its scenario on the same machine, since they reveal its
#: answers.
CLOSED_BY_AN_EXAM: Final = frozenset(Act) - {Act.ENTER, Act.CONNECT, Act.PAUSE}


def refusal(mode: Mode, phase: Phase, act: Act) -> str:
    """Return why `mode` refuses `act` in `phase`, as a sentence; empty if it is allowed."""
    return _REFUSED.get((mode, phase), {}).get(act, "")


def binding(mode: Mode) -> bool:
    """Whether an attempt that has begun must end with a result.

    It is submitted automatically when the scenario's minutes are over. Removing its lab before that counts as an
    attempt with no points.
    """
    return mode is Mode.EXAM
