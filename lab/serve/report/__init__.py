"""Reports of events and of folders with attempts."""

from lab.serve.report.collect import of_event, of_folder
from lab.serve.report.model import Report, Row
from lab.serve.report.write import write

__all__ = ["Report", "Row", "of_event", "of_folder", "write"]
