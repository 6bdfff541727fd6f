"""The report in a real browser: accessible on light and dark ground, wide and narrow, and nothing is fetched."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from lab.serve.report import of_event, write
from tests.browser.accessibility import violations
from tests.serve.attempted import finished

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    return write(of_event(finished(folder / "friday", 12)), folder)[0]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 700)])
def test_the_report_is_accessible(
    browser: "Browser", report: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    assert not violations(page)
    # Nothing has to be scrolled sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
