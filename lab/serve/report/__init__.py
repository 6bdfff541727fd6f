"""Reports of events and of folders with attempts.

Begin with `write`, then `collect` and `model`. It may import `event`.
"""

from lab.serve.report.collect import of_event, of_folder
from lab.serve.report.model import Report, Row
from lab.serve.report.write import FILES, write

__all__ = ["FILES", "Report", "Row", "of_event", "of_folder", "write"]
