"""What is told when an attempt is over: the score, the timeline, what had been broken, how it is repaired."""

from lab.debrief.collect import Debrief, Moment, Repair, collect
from lab.debrief.pages import to_html, to_markdown

__all__ = ["Debrief", "Moment", "Repair", "collect", "to_html", "to_markdown"]
