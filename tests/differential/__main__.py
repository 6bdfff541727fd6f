"""Ask a real cluster and the simulator the same random questions: `python -m tests.differential --help`."""

import argparse
import sys
from pathlib import Path

from tests.differential.areas import AREAS, generated
from tests.differential.asking import ask, prepare
from tests.differential.model import RECORDINGS, Answer, Area, Pair, Question, read_pairs, write_pairs
from tests.differential.report import figures, grouped, listed, update
from tests.differential.shrinking import shrunk
from tests.differential.sides import real_side, simulated_side

_EXAMPLES = """\
examples:
  python -m tests.differential --seed 7 --count 500 --write
      ask a new kind cluster and the simulator, and write docs/fidelity.md
  python -m tests.differential api --lab mine --count 50 --shrink 5
      ask the kind lab `mine`; show the smallest question of the five largest causes
  python -m tests.differential shell --sim
      ask the simulator alone: list Python errors and what is not simulated
  python -m tests.differential api --answers FILE
      keep the real answers in FILE; once FILE exists, compare the simulator with it
  python -m tests.differential api --answers FILE --keep 3,17
      add the numbered questions of FILE (from 0), with their real answers, to `make test`
"""


def main() -> int:
    """Run the command line; the exit code is 1 if a simulated answer is a Python error."""
    parser = argparse.ArgumentParser(
        "tests.differential",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("areas", nargs="*", metavar="AREA", help=f"any of: {', '.join(AREAS)}; none: all")
    parser.add_argument("--seed", type=int, default=1, help="the same seed asks the same questions (1)")
    parser.add_argument("--count", type=int, default=100, help="questions an area (100)")
    parser.add_argument("--lab", help="an existing kind lab, not broken; otherwise a new one is made and deleted")
    parser.add_argument("--sim", action="store_true", help="ask the simulator only")
    parser.add_argument("--answers", type=Path, help="a file of real answers, for one area")
    parser.add_argument("--keep", help="numbers of questions of --answers, for tests/differential/recordings")
    parser.add_argument("--shrink", type=int, default=0, help="find the smallest question of the N largest causes")
    parser.add_argument("--write", action="store_true", help="write docs/fidelity.md")
    asked = parser.parse_args()
    unknown = set(asked.areas) - set(AREAS)
    if unknown:
        parser.error(f"no such area: {', '.join(sorted(unknown))}; there are: {', '.join(AREAS)}")
    areas = [AREAS[name] for name in asked.areas or AREAS]
    if asked.answers and len(areas) != 1:
        parser.error("--answers needs one area")
    if asked.keep:
        _keep(areas[0], asked.answers, [int(each) for each in asked.keep.split(",")])
        return 0
    return max(_run(area, asked) for area in areas)


def _run(area: Area, asked: argparse.Namespace) -> int:
    if asked.answers and asked.answers.exists():
        known = read_pairs(asked.answers)
        pairs = _simulated(area, [question for question, _ in known], [answer for _, answer in known], asked.lab)
        print(listed(pairs, {}))
        if asked.write:
            update(area.name, figures(pairs, {}, asked.seed))
        return int(any(pair.sim.mistake for pair in pairs))
    questions = generated(area, asked.seed, asked.count)
    if asked.sim:
        pairs = _simulated(area, questions, [Answer(0, "", "")] * len(questions), asked.lab)
        print(listed([pair for pair in pairs if pair.sim.mistake or "not simulated" in pair.sim.stderr], {}))
        return int(any(pair.sim.mistake for pair in pairs))
    with real_side(asked.lab) as cluster:
        prepare(cluster, area)
        real = ask(cluster, area, questions)
        if asked.answers:
            write_pairs(asked.answers, zip(questions, real, strict=True))
        pairs = _simulated(area, questions, real, cluster.name)
        cluster.control_plane.run(["bash", "-c", area.before], timeout=60)
        smallest: dict[str, Pair] = {}
        if asked.shrink:
            with simulated_side(cluster.name) as other:
                prepare(other, area)

                def both(question: Question) -> Pair:
                    return Pair(question, ask(cluster, area, [question])[0], ask(other, area, [question])[0])

                for name, members in grouped(pairs)[: asked.shrink]:
                    smallest[name] = shrunk(area, asked.seed, asked.count, members[0], both)
    print(listed(pairs, smallest))
    if asked.write:
        update(area.name, figures(pairs, smallest, asked.seed))
    return int(any(pair.sim.mistake for pair in pairs))


def _simulated(area: Area, questions: list[Question], real: list[Answer], name: str | None) -> list[Pair]:
    with simulated_side(*[name] if name else []) as cluster:
        prepare(cluster, area)
        found = ask(cluster, area, questions)
    return [Pair(*each) for each in zip(questions, real, found, strict=True)]


def _keep(area: Area, answers: Path, numbers: list[int]) -> None:
    path = RECORDINGS / f"{area.name}.json"
    there = dict(read_pairs(path)) if path.exists() else {}
    asked = read_pairs(answers)
    there |= dict(asked[number] for number in numbers)
    write_pairs(path, there.items())


if __name__ == "__main__":
    sys.exit(main())
