"""A page as one HTML file: it loads nothing, and markup that slips into it has no effect."""

from html import escape

__all__ = ["html_page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_page(title: str, style: str, body: str) -> str:
    """Return a page; `title` is text, `style` is CSS, and `body` is markup that ends a line."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n<style>{style}</style>'
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{body}</main></body></html>\n'
