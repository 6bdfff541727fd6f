"""The report as files."""

from pathlib import Path

from lab.errors import LabError
from lab.serve.report.model import Report
from lab.serve.report.page import page
from lab.serve.report.tables import canvas, markdown, spreadsheet, to_lines
from lab.store import write_durably

__all__ = ["write"]


def write(report: Report, folder: Path) -> list[Path]:
    """Write the files of a report into `folder`, and return their paths.

    Raises:
        LabError: they can't be written.

    """
    files = {
        "report.html": page(report),
        "report.md": markdown(report),
        "report.csv": spreadsheet(report),
        "canvas.csv": canvas(report),
        "report.jsonl": to_lines(report),
    }
    try:
        for name, text in files.items():
            write_durably(folder / name, text)
    except OSError as error:
        raise LabError(
            "The report can't be written.", f"{folder}: {error.strerror}", "Choose another folder: --output DIR"
        ) from error
    return [folder / name for name in files]
