"""What axe finds on a page: violations of WCAG 2.2, levels A and AA."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["violations"]


def violations(page: "Page") -> list[str]:
    """Return the violations, each with the element."""
    import axe_playwright_python  # noqa: PLC0415 -- it may not be there

    script = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(script)
    # The terminal has colours of its own, which the themes' tests hold.
    answer = page.evaluate(
        "() => axe.run({ exclude: ['.xterm'] }, "
        "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })"
    )
    return [f"{each['id']}: {node['html'][:200]}" for each in answer["violations"] for node in each["nodes"]]
