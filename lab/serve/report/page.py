"""The report as one HTML file: no scripts, no external files, and a table beside each plot."""

from collections.abc import Sequence
from html import escape
from statistics import mean, median

from lab.console import clock
from lab.core.hints import TIER_TITLES
from lab.core.scenario import END_TO_END
from lab.core.standing import number
from lab.html_page import html_page
from lab.serve.report.model import HintTaken, Report, Row
from lab.serve.report.stuck import PATIENCE, slices
from lab.serve.report.svg import Bar, Mark, Titled, Track, bars, grid, tracks
from lab.serve.report.tables import summary

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --rule: #8b949e; --mark: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f3f6; --paper: #16191d; --mark: #79b8ff; } }
@media print { :root { --ink: #000; --paper: #fff; --mark: #0550ae; } }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem;
  margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
section.plot { margin-top: 2.5rem; display: grid; gap: 1rem 2rem;
  grid-template-columns: minmax(20rem, 3fr) minmax(16rem, 2fr);
  align-items: start; break-inside: avoid; }
section.plot h3, section.plot p { grid-column: 1 / -1; margin: 0; max-width: 52rem; }
section.wide { grid-template-columns: minmax(0, 46rem); }
@media (max-width: 60rem) { section.plot { grid-template-columns: 1fr; } }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid var(--rule); padding: .2rem .6rem; text-align: left;
  vertical-align: top; }
.n { text-align: right; }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; }
svg text { fill: var(--ink); }
svg .rule { stroke: var(--rule); stroke-width: .5; }
svg .frame { fill: none; stroke: var(--mark); stroke-width: 1.5; }
svg .paper { fill: var(--paper); }
svg .fill, svg .cell { fill: var(--mark); }
svg .fill { fill-opacity: .3; }
svg .cell { stroke: var(--rule); stroke-width: .5; }
svg .dot { fill: var(--paper); stroke: var(--mark); stroke-width: 2; }
svg .whisker, svg .middle { stroke: var(--ink); stroke-width: 2; }
svg .middle { stroke-dasharray: 5 2; }
svg .digit { font-weight: 600; font-size: 12px; }
"""


def page(report: Report) -> str:
    """Return the report as a page."""
    parts = [f"<h1>{escape(report.title)}</h1><p>{escape(summary(report))}</p>"]
    for count, scenario in enumerate(report.scenarios, start=1):
        rows = report.of(scenario)
        if not rows:
            continue
        parts.append(f"<h2>{escape(scenario)}</h2>")
        parts += [_ranking(rows, backend) for backend in sorted({row.backend for row in rows})]
        parts += _plots(rows, f"s{count}")
    parts.append(_kept(report))
    return html_page(f"{report.title}: report", _STYLE, "\n".join(parts) + "\n")


def _ranking(rows: Sequence[Row], backend: str) -> str:
    ranked = [row for row in rows if row.backend == backend]
    known = any(row.passed is not None for row in ranked)
    passed = ["passed"] if known else []
    titles = ["place", "name", "points", "of", "last gain", "hints", "solutions", *passed, "end"]
    cells = [
        [
            str(row.place),
            row.who,
            number(row.points),
            number(row.maximum),
            clock(row.gained),
            str(row.hints),
            str(row.given_up),
            *([{True: "yes", False: "no", None: ""}[row.passed]] if known else []),
            row.ending.replace("-", " ") or "not submitted",
        ]
        for row in ranked
    ]
    return _table(f"Ranking on {backend}: points, then the time of the last gain", titles, cells, named=1)


def _plots(rows: Sequence[Row], ident: str) -> list[str]:
    symptoms = list(dict.fromkeys(name for row in rows for name in row.order))
    faults = [name for name in symptoms if name != END_TO_END]
    longest = max((row.seconds for row in rows), default=0.0)
    return [
        _points(rows, symptoms, f"{ident}p"),
        _repairs(rows, faults, longest, f"{ident}r"),
        _hints(rows, faults, longest, f"{ident}h"),
        _stuck(rows, faults, f"{ident}s"),
    ]


def _section(title: str, about: str, plot: str, table: str, *, wide: bool = False) -> str:
    """Return a plot with its table beside it, or below it if the table is `wide`."""
    head = f"<h3>{escape(title)}</h3><p>{escape(about)}</p>"
    return f'<section class="plot{" wide" if wide else ""}">{head}{plot}<div>{table}</div></section>'


def _table(caption: str, titles: Sequence[str], rows: Sequence[Sequence[str]], *, named: int = 0) -> str:
    """Return a table whose column `named` has the names of the rows; numbers are right-aligned."""
    numbers = [all(not row[i] or _is_number(row[i]) for row in rows) for i in range(len(titles))]

    def cell(place: int, text: str) -> str:
        if place == named:
            return f'<th scope="row">{escape(text)}</th>'
        return f"<td{' class=n' if numbers[place] else ''}>{escape(text)}</td>"

    body = "".join(f"<tr>{''.join(cell(i, text) for i, text in enumerate(row))}</tr>" for row in rows)
    head = "".join(
        f'<th scope="col"{" class=n" if numbers[i] and i != named else ""}>{escape(title)}</th>'
        for i, title in enumerate(titles)
    )
    caption = f"<caption>{escape(caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(":", "", 1).isdigit()


def _points(rows: Sequence[Row], symptoms: Sequence[str], ident: str) -> str:
    given, cells = [], []
    for name in symptoms:
        got = [row.by_symptom[name][0] for row in rows if name in row.by_symptom]
        most = max((row.by_symptom[name][1] for row in rows if name in row.by_symptom), default=0.0)
        if not got or not most:
            continue
        middle = mean(got)
        given.append(Bar(name, middle, most, min(got), max(got), f"{number(middle)} of {number(most)}"))
        full = sum(points >= most - 0.05 for points in got)
        none = sum(points < 0.05 for points in got)
        cells.append([name, *map(number, (middle, most, min(got), max(got))), str(full), str(none)])
    about = "The bar is the mean, its frame the maximum. The line below it goes from the fewest to the most."
    if not given:
        return _section("Points by symptom", "Nobody has points yet.", "", "")
    words = "; ".join(f"{bar.label}: {bar.text}" for bar in given)
    table = _table("Points by symptom", ["symptom", "mean", "worth", "least", "most", "all of it", "none"], cells)
    plot = bars(Titled(ident, "Points by symptom", words), given, "points")
    return _section("Points by symptom", about, plot, table)


def _repairs(rows: Sequence[Row], symptoms: Sequence[str], longest: float, ident: str) -> str:
    given, cells = [], []
    for name in symptoms:
        times = sorted(row.repaired[name] for row in rows if name in row.repaired)
        middle = median(times) if times else None
        given.append(Track(name, [Mark(at) for at in times], middle))
        shown = [clock(at) for at in (times[0], median(times), times[-1])] if times else ["", "", ""]
        cells.append([name, f"{len(times)} of {len(rows)}", *shown])
    words = "; ".join(f"{cell[0]}: {cell[1]} repaired it, median {cell[3] or 'none'}" for cell in cells)
    about = "A circle for each repair, when it was first seen; the dashed line is the median of those who made it."
    table = _table("Time to each repair", ["symptom", "repaired by", "first", "median", "last"], cells)
    return _section(
        "Time to each repair", about, tracks(Titled(ident, "Time to each repair", words), given, longest), table
    )


def _hints(rows: Sequence[Row], symptoms: Sequence[str], longest: float, ident: str) -> str:
    given, cells = [], []
    taken = sorted((hint for row in rows for hint in row.hints_taken), key=lambda hint: hint.seconds)
    for name in symptoms:
        own = [hint for hint in taken if hint.symptom == name]
        given.append(Track(name, [Mark(hint.seconds, _tier(hint)) for hint in own]))
        tiers = [str(sum(hint.tier == tier for hint in own)) for tier in range(len(TIER_TITLES))]
        free = str(sum(hint.tier is None for hint in own))
        cells.append([name, *tiers, free, clock(own[0].seconds) if own else ""])
    words = "; ".join(f"{name}: {sum(hint.symptom == name for hint in taken)} hints" for name in symptoms)
    names = ", ".join(f"{tier + 1}: {title}" for tier, title in enumerate(TIER_TITLES))
    about = f"A box for each hint, with its tier. {names}; g: given by the instructor."
    titles = ["symptom", *(f"tier {tier + 1}" for tier in range(len(TIER_TITLES))), "given", "first"]
    plot = tracks(Titled(ident, "When hints were taken", words), given, longest)
    return _section("When hints were taken", about, plot, _table("Hints taken", titles, cells))


def _tier(hint: HintTaken) -> str:
    return "g" if hint.tier is None else str(hint.tier + 1)


def _stuck(rows: Sequence[Row], symptoms: Sequence[str], ident: str) -> str:
    found = slices(rows, symptoms)
    if not found:
        return ""
    most = max(each.stuck for each in found)
    grid_rows = [("anything", [each.stuck for each in found])]
    grid_rows += [(name, [each.by_symptom[name] for each in found]) for name in symptoms]
    worst = max(found, key=lambda each: each.stuck)
    words = (
        f"Most were stuck at {clock(worst.end)}: {worst.stuck} of {worst.playing}."
        if most
        else "Nobody was stuck."
    )
    about = (
        f"How many players were stuck: no gain for {PATIENCE / 60:g} minutes or more. The table shows which "
        f"symptoms they still had. {words}"
    )
    titles = ["up to", "playing", "stuck", *symptoms]
    cells = [
        [clock(each.end), str(each.playing), str(each.stuck), *(str(each.by_symptom[name]) for name in symptoms)]
        for each in found
    ]
    plot = grid(Titled(ident, "Where the room was stuck", words), grid_rows, [each.end for each in found])
    return _section("Where the room was stuck", about, plot, _table("Stuck, by time", titles, cells), wide=True)


def _kept(report: Report) -> str:
    """Return how far each attempt can be trusted."""
    cells = []
    for row in report.rows:
        whole = "data removed" if row.forgotten else "unchanged" if row.whole else "CHANGED"
        cells.append(
            [row.seat, "" if row.forgotten else row.who, whole, row.trust, "; ".join(row.gaps), row.head[:16]]
        )
    titles = ["attempt", "name", "file", "kind", "gaps", "last hash begins"]
    about = (
        "hosted: cluster and grader ran on the server. witnessed: the server countersigned the attempt as it ran. "
        "self-reported: neither. <code>kluster verify</code> says more."
    )
    return f"<h2>How the attempts were stored</h2><p>{about}</p>{_table('Attempts', titles, cells)}"
