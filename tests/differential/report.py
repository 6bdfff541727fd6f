"""The figures and causes of a run, for a terminal and for docs/fidelity.md."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.differential.comparing import cause, equal, same_code, same_verdict, shown_difference
from tests.differential.model import FOLDER, Pair

__all__ = ["HEADING", "figures", "grouped", "inline", "listed", "section", "update"]

HEADING = "## Random questions"
#: The figures of the last run of each area; docs/fidelity.md shows them.
FIGURES = FOLDER / "figures.json"
_FIDELITY = FOLDER.parents[1] / "docs" / "fidelity.md"
_MOST_CAUSES = 12


def grouped(pairs: Sequence[Pair]) -> list[tuple[str, list[Pair]]]:
    """Return the different answers by cause, the largest group first."""
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if not equal(pair):
            groups[cause(pair)].append(pair)
    return sorted(groups.items(), key=lambda each: (-len(each[1]), each[0]))


def figures(pairs: Sequence[Pair], smallest: Mapping[str, Pair], number: int) -> dict[str, Any]:
    """Return the counts of a run of today, and its causes with the smallest question of each."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "seed": number,
        "asked": len(pairs),
        "equal": sum(map(equal, pairs)),
        "codes": sum(map(same_code, pairs)),
        "verdicts": sum(map(same_verdict, pairs)),
        "mistakes": sum(bool(pair.sim.mistake) for pair in pairs),
        "causes": [
            [name, len(members), _smallest(name, members, smallest).question.script]
            for name, members in grouped(pairs)[:_MOST_CAUSES]
        ],
        "other": sum(len(members) for _, members in grouped(pairs)[_MOST_CAUSES:]),
    }


def _smallest(name: str, members: Sequence[Pair], smallest: Mapping[str, Pair]) -> Pair:
    return smallest.get(name) or min(members, key=lambda each: len(each.question.script))


def listed(pairs: Sequence[Pair], smallest: Mapping[str, Pair]) -> str:
    """Return every cause with its count, its smallest question and the lines that differ."""
    lines = []
    for name, members in reversed(grouped(pairs)):
        shown = _smallest(name, members, smallest)
        lines += [f"== {len(members)}  {name}", *(f"   $ {line}" for line in shown.question.script.split("\n"))]
        lines += [f"   {line}" for line in shown_difference(shown)]
    counted = figures(pairs, smallest, 0)
    total = max(1, len(pairs))
    lines.append(
        f"{len(pairs)} questions: {100 * counted['equal'] / total:.1f} % equal, "
        f"{100 * counted['codes'] / total:.1f} % equal exit codes, "
        f"{100 * counted['verdicts'] / total:.1f} % equal verdicts, {counted['mistakes']} Python errors, "
        f"{len(grouped(pairs))} causes"
    )
    return "\n".join(lines)


def update(area: str, found: Mapping[str, Any]) -> None:
    """Store the figures of `area`, and write them into docs/fidelity.md."""
    every = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    every[area] = found
    FIGURES.write_text(json.dumps(every, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    before, _, _ = _FIDELITY.read_text(encoding="utf-8").partition(HEADING)
    _FIDELITY.write_text(before.rstrip() + "\n\n" + section(), encoding="utf-8")


def section(path: Path = FIGURES) -> str:
    """Return the part of docs/fidelity.md about random questions."""
    every: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = [
        HEADING,
        "",
        "Written by `make differential`. It asks a real kind cluster and the simulator the same random questions",
        "(`tests/differential`), and names each difference by its first part that differs, without values.",
        "Verdicts are equal if both sides succeed or both fail.",
        "",
        "| area | date | seed | questions | equal | exit codes equal | verdicts equal | Python errors | repeat |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in every.items():
        total = max(1, found["asked"])
        shares = " | ".join(f"{100 * found[each] / total:.1f} %" for each in ("equal", "codes", "verdicts"))
        command = f"`make differential AREAS={name} SEED={found['seed']} COUNT={found['asked']}`"
        lines.append(
            f"| {name} | {found['date']} | {found['seed']} | {found['asked']} | {shares} | {found['mistakes']} "
            f"| {command} |"
        )
    for name, found in every.items():
        if found["causes"]:
            lines += ["", f"### Causes: {name}", ""]
            lines += [
                f"- {count}: {inline(why)}, as in {inline(script)}" for why, count, script in found["causes"]
            ]
            if found["other"]:
                lines.append(f"- {found['other']}: other causes")
    return "\n".join(lines) + "\n"


def inline(text: str) -> str:
    """Return `text` as one line of code in Markdown, of at most 220 characters."""
    line = " ⏎ ".join(text.strip().split("\n"))
    # Control characters of an answer would make the page binary.
    line = "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)
    line = line if len(line) <= 220 else line[:217] + "..."
    return f"`` {line} ``" if "`" in line else f"`{line}`"
