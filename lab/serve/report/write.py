"""The report as files."""

from pathlib import Path

from lab.errors import LabError
from lab.serve.report.model import Report
from lab.serve.report.page import page
from lab.serve.report.tables import canvas, markdown, spreadsheet, to_lines
from lab.writing import write_durably

__all__ = ["FILES", "write"]

#: The files of a report.
FILES = ("report.html", "report.md", "report.csv", "canvas.csv", "report.jsonl")


def write(report: Report, folder: Path) -> list[Path]:
    """Write the files of a report into `folder`, and return their paths.

    Raises:
        LabError: they can't be written.

    """
    texts = (page(report), markdown(report), spreadsheet(report), canvas(report), to_lines(report))
    try:
        for name, text in zip(FILES, texts, strict=True):
            write_durably(folder / name, text)
    except OSError as error:
        raise LabError(
            "The report can't be written.", f"{folder}: {error.strerror}", "Choose another folder: --output DIR"
        ) from error
    return [folder / name for name in FILES]
