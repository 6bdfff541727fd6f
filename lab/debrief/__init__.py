"""The debrief after an attempt: score, timeline, what was broken, and how to repair it.

Begin with `collect`. It may import `lab.core` and `lab.console`, and uses no cluster.
"""

from lab.debrief.collect import Debrief, Repair, collect
from lab.debrief.markdown import Link
from lab.debrief.moments import Command, Moment
from lab.debrief.pages import to_html, to_markdown

__all__ = ["Command", "Debrief", "Link", "Moment", "Repair", "collect", "to_html", "to_markdown"]
