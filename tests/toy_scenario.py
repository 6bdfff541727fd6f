"""The toy scenario: two causes, `left` and `right`, of the symptoms `port` and `starboard`."""

from pathlib import Path

__all__ = ["write_scenario"]


def write_scenario(folder: Path) -> Path:
    """Write the toy scenario: the causes are `left` and `right`, the symptoms `port` and `starboard`."""
    folder.mkdir(parents=True)
    hints = []
    for cause, symptom in (("left", "port"), ("right", "starboard")):
        hints += [
            f"- {{name: {cause}-{tier}, fault: {cause}, tier: {tier}, text: 'hint {tier} for {symptom}'}}"
            for tier in range(4)
        ]
    hints.append("- {name: patience, tier: 0, text: '**Wait.** It takes time.'}")
    files = {
        "scenario.yaml": _SCENARIO,
        "solution.yaml": _SOLUTION,
        "toy-hints.yaml": "schema: 1\nhints:\n" + "\n".join(hints) + _PAGES,
        "story.md": "# A story\n\nThe ship *leans*.\n",
        "debrief.md": "# Afterwards\n\nIt was left and right.\n",
        "app.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


_PAGES = """
pages:
- {title: Ships, url: "https://kubernetes.io/docs/ships/", domains: [Seafaring]}
- {title: Trains, url: "https://kubernetes.io/docs/trains/", domains: [Railways]}
"""


_SCENARIO = """\
schema: 1
name: toy
title: The leaning ship
summary: It leans, and nobody knows why.
minutes: 10
story: story.md
debrief: debrief.md
solution: solution.yaml
hints: [toy-hints]
nodes: [control-plane, worker]
workloads: {manifests: [app.yaml], objects: []}
faults:
- name: left
  kind: toy
  culprit: the captain
  domain: Seafaring
  symptom: {name: port, title: It leans to port, description: It leans.}
  parameters: {word: left}
- name: right
  kind: toy
  culprit: the cook
  domain: Seafaring
  symptom: {name: starboard, title: It leans to starboard, description: It leans.}
  parameters: {word: right}
checks:
- name: left-whole
  kind: toy
  fault: left
  points: 30
  title: It stands upright in the morning
  why: BECAUSE-LEFT
  parameters: {words: [left]}
- name: left-dry
  kind: toy
  fault: left
  type: keep
  points: 10
  title: The hold is dry
  why: BECAUSE-DRY
  parameters: {words: []}
- name: right-whole
  kind: toy
  fault: right
  points: 40
  title: It stands upright at night
  why: BECAUSE-RIGHT
  parameters: {words: [right], hides: left}
- name: sails
  kind: toy
  fault: end-to-end
  points: 12
  title: It sails
  why: SHE-REPORTED-IT
  parameters: {words: [left, right], seen: it leans}
diagnosis:
  points: 8
  components: [{name: hull, title: The hull}, {name: mast, title: The mast}]
  causes: [{name: leak, title: A leak}, {name: rot, title: Rot}]
"""


_SOLUTION = """\
schema: 1
diagnosis:
  left: {component: hull, cause: leak}
  right: {component: mast, cause: rot}
faults:
  left:
  - {title: Mend the left, why: It leaks., run: mend left}
  right:
  - {title: Mend the right, why: It rots., run: mend right}
"""
