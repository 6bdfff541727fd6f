"""Requests of commands to the server of an event."""

import json
import ssl
import urllib.error
import urllib.request
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.errors import ExitCode, LabError

__all__ = ["COOKIE", "SERVER", "post", "running", "trusting"]

_SECONDS = 10
#: The cookie with a visitor's secret.
COOKIE = "kluster_seat"
#: The file in an event's folder with the address of its server, and the instructor's secret.
SERVER = "server.json"


def post(
    url: str, path: str, said: dict[str, Any], *, secret: str = "", cert: Path | None = None
) -> tuple[dict[str, Any], str]:
    """Send JSON to the server at `url`; return its answer, and the secret that came with it or `secret`.

    `cert` is the only certificate that is trusted; its host name is not checked, since it need not name the
    address that is used.

    Raises:
        LabError: the server refuses; the message is the server's.
        OSError: the server can't be reached.
        ValueError: what answers is not the server of an event.

    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"{url} is not the address of a server")
    origin = f"{parts.scheme}://{parts.netloc}"
    request = urllib.request.Request(  # noqa: S310 -- http or https, as checked above
        f"{origin}{path}",
        data=json.dumps(said).encode(),
        headers={"Content-Type": "application/json", "Origin": origin, "Cookie": f"{COOKIE}={secret}"},
    )
    context = trusting(cert) if cert else None
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:  # noqa: S310
            cookie = SimpleCookie(answer.headers.get("Set-Cookie", "")).get(COOKIE)
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        raise LabError(_problem(error), code=ExitCode.REFUSED) from None
    if not isinstance(found, dict):
        raise ValueError(f"{url} is not the server of an event")  # noqa: TRY004 -- it is the answer that is wrong
    return found, cookie.value if cookie else secret


def running(folder: Path) -> tuple[str, str, Path | None]:
    """Return the address, the instructor's secret and the certificate of the server of the event in `folder`.

    Raises:
        OSError: the event is not being served.
        ValueError: its file is damaged.

    """
    told = json.loads((folder / SERVER).read_text(encoding="utf-8"))
    return told["url"], told["secret"], Path(told["cert"]) if told.get("cert") else None


def trusting(cert: Path) -> ssl.SSLContext:
    """Return a context that trusts `cert` alone. It need not name the address that is used."""
    context = ssl.create_default_context(cafile=cert)
    context.check_hostname = False
    return context


def _problem(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read() or b"{}").get("problem", error.reason))
    except (ValueError, AttributeError):
        return str(error.reason)
