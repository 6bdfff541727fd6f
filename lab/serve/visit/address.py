"""The address of an event, and the way in: an address with a code, or the folder on this machine."""

import hashlib
import hmac
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lab.errors import LabError, UsageProblem
from lab.serve.post import COOKIE, post, running, trusting

__all__ = ["Door", "found", "trusted"]


@dataclass(frozen=True, slots=True)
class Door:
    """The server of an event: `scheme://host:port`, the secret of this visitor, and the certificate to trust."""

    url: str
    secret: str = ""
    cert: Path | None = None

    @property
    def host(self) -> str:
        """The server's host with its port."""
        return urlsplit(self.url).netloc

    @property
    def cookie(self) -> str:
        """The header that identifies the visitor."""
        return f"{COOKIE}={self.secret}"

    @property
    def context(self) -> ssl.SSLContext | None:
        """The SSL context that trusts the server's certificate; None for plain HTTP."""
        if self.cert is None:
            return ssl.create_default_context() if self.url.startswith("https") else None
        return trusting(self.cert)

    def join(self, code: str) -> "Door":
        """Return the door for the holder of `code`.

        Raises:
            LabError: the code is wrong, or no server answers.
        """
        try:
            _, secret = post(self.url, "/join", {"code": code}, cert=self.cert)
        except (OSError, ValueError) as error:
            if isinstance(why := getattr(error, "reason", None), ssl.SSLCertVerificationError):
                raise LabError(
                    f"The certificate of {self.host} is not known.",
                    why.verify_message,
                    "Give the fingerprint that the board shows: --fingerprint AB:CD:...",
                ) from None
            raise LabError(f"{self.url} can't be reached.", str(error), "Ask for the server's address.") from None
        return Door(self.url, secret, self.cert)

    def act(self, said: dict[str, object]) -> dict[str, object]:
        """Carry out an instructor's action; raise `LabError` if the server refuses or does not answer."""
        try:
            return post(self.url, "/board/act", said, secret=self.secret, cert=self.cert)[0]
        except (OSError, ValueError) as error:
            raise LabError("The server does not answer.", str(error)) from None


def found(where: str, cert: Path | None = None) -> tuple[Door, str]:
    """Return the door of an event, and the code behind `#` in an address.

    `where` is an address, or the folder of an event that is served on this machine. A folder gives the
    instructor's door.

    Raises:
        UsageProblem: it is neither.
    """
    parts = urlsplit(where)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return Door(f"{parts.scheme}://{parts.netloc}", cert=cert), parts.fragment
    try:
        return Door(*running(Path(where))), ""
    except (OSError, ValueError):
        raise UsageProblem(
            f"{where} is neither an address nor an event that is being served here.",
            remedy="Give an address such as http://10.0.0.5:8005, or start the server: kluster serve EVENT",
        ) from None


@contextmanager
def trusted(door: Door, fingerprint: str) -> Iterator[Door]:
    """Yield the door, trusting only the certificate with `fingerprint` (SHA-256).

    Raises:
        LabError: the server has another one.
    """
    if not fingerprint:
        yield door
        return
    parts = urlsplit(door.url)
    try:
        pem = ssl.get_server_certificate((parts.hostname or "", parts.port or 443), timeout=10)
    except (OSError, ValueError) as error:
        raise LabError(f"{door.url} can't be reached by TLS.", str(error)) from None
    shown = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    wanted = "".join(char for char in fingerprint.lower() if char in "0123456789abcdef")
    if not hmac.compare_digest(shown, wanted):
        raise LabError(
            f"{door.host} has a certificate that differs from the board's.",
            f"Its fingerprint is {shown}.",
            "Somebody may be intercepting the connection. Ask your instructor.",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cert.pem"
        path.write_text(pem, encoding="ascii")
        yield Door(door.url, door.secret, path)
