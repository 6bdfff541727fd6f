"""`python -m tests.serve.picture FILE`: a picture of the report of a random event, taken by Chromium."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lab.serve.report import of_event
from lab.serve.report.page import page
from tests.serve.attempted import finished

__all__: list[str] = []

_SIZE = "1280,1500"


def _main(file: Path) -> int:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("There is no Chromium; the picture stays as it is.", file=sys.stderr)  # noqa: T201 -- a program
        return 0
    with tempfile.TemporaryDirectory() as folder:
        text = page(of_event(finished(Path(folder) / "friday", 12, title="Friday's game day")))
        html = Path(folder) / "report.html"
        html.write_text(text, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={_SIZE}"]
        subprocess.run([browser, *options, f"--screenshot={file.resolve()}", html.as_uri()], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1])))
