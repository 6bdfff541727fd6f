"""The check of a bundle: it is whole, its files have their sums, and its signature is not wrong.

It needs only the standard library. `pack` joins this module and `install` to the one file `install.py`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ABOUT", "AGAIN", "ASK", "BLOCK", "KEY", "MANIFEST", "PROGRAM", "REQUIREMENTS", "SCHEMA", "SIGNATURE", "SUMS",
    "Bundle", "Problem", "authenticated", "examined", "fingerprint", "members", "opened", "same", "spoken",
]  # fmt: skip

SCHEMA = 1
SUMS, SIGNATURE, KEY, MANIFEST, REQUIREMENTS = (
    "SHA256SUMS",
    "SHA256SUMS.sig",
    "signer.pem",
    "manifest.json",
    "requirements.txt",
)
PROGRAM, ABOUT = "install.py", "README.txt"
_TOP = {SUMS, SIGNATURE, KEY, MANIFEST, REQUIREMENTS, PROGRAM, ABOUT}
_INSIDE = re.compile(r"(wheels/\w[\w.+!-]*\.whl|images/\w[\w.-]*\.tar)", re.ASCII)
#: The end of a tar file: two empty blocks.
_END = 1024
BLOCK = 1 << 20
_MOST_FILES, _LARGEST_TEXT = 10_000, 4 << 20
#: An Ed25519 key in DER: this, and 32 bytes.
_ED25519 = bytes.fromhex("302a300506032b6570032100")
#: A fingerprint may be cut to this number of hexadecimal digits (128 bits).
_SHORTEST = 32
AGAIN = "Copy it again, and compare its sum with the one that the sender was shown."
ASK = "Ask the sender for the bundle again, and for its sum."


class Problem(Exception):  # noqa: N818 -- it reads as what it is where it is raised
    """A reason to install nothing. `kind` is damaged, truncated, swapped, stale, hostile, usage or machine."""

    def __init__(self, kind: str, title: str, remedy: str = "") -> None:
        super().__init__(title)
        self.kind, self.title, self.remedy = kind, title, remedy


@dataclass
class Bundle:
    """What a bundle holds, as its check has found it: every file has the sum that SHA256SUMS lists."""

    path: Path
    sums: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    #: The sum of the whole file, and the fingerprint of the key that is said to have signed it.
    sha256: str = ""
    fingerprint: str = ""
    #: Whether the signature was verified, and with what; None if there is nothing here that can.
    verified_with: str | None = None


# --- reading ---


def examined(path: Path) -> Bundle:
    """Return the bundle at `path`, if it is whole and its signature is not wrong.

    Raises:
        Problem: it is not a bundle, or it is hostile, truncated, damaged or swapped.

    """
    found = Bundle(path)
    with opened(path) as file:
        found.sha256 = _sum_of(file)
        file.seek(0)
        for name, data in members(file):
            digest, kept = hashlib.sha256(), bytearray()
            for block in data:
                digest.update(block)
                if name in _TOP:
                    kept += block
            found.sums[name], found.texts[name] = digest.hexdigest(), bytes(kept)
    _compare(found)
    found.manifest = _manifest(found.texts[MANIFEST])
    found.fingerprint = fingerprint(found.texts[KEY])
    found.verified_with = _verify(found)
    return found


def opened(path: Path) -> IO[bytes]:
    """Open a file for reading.

    Raises:
        Problem: it can't be opened.

    """
    try:
        return path.open("rb")
    except OSError as error:
        raise Problem("usage", f"{path} can't be read: {error.strerror or error}.") from None


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of a file, or of a member of the archive."""
    try:
        while block := file.read(BLOCK):
            yield block
    except tarfile.ReadError as error:
        raise Problem("truncated", f"The bundle is truncated: it ends within a file ({error}).", AGAIN) from None
    except OSError as error:
        raise Problem(
            "damaged", f"The bundle can't be read to its end: {error.strerror or error}.", AGAIN
        ) from None


def _sum_of(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for block in _blocks(file):
        digest.update(block)
    return digest.hexdigest()


def members(file: IO[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file of the archive: its name and its content. It may be read once, before the next one.

    Raises:
        Problem: the archive is truncated or damaged, or has links, folders, devices, paths, or a name twice.

    """
    seen: set[str] = set()
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for member in archive:
                _require_harmless(member, seen)
                data = archive.extractfile(member)
                yield member.name, _blocks(data) if data else iter(())
            end = archive.offset
    except tarfile.ReadError as error:
        if seen or file.seek(0, os.SEEK_END) < _END:
            title = f"The bundle is truncated: it ends within a file ({error})."
            raise Problem("truncated", title, AGAIN) from None
        raise Problem("damaged", f"This is not a bundle, or its beginning is damaged ({error}).", AGAIN) from None
    except (tarfile.TarError, ValueError, OverflowError, RecursionError, OSError) as error:
        raise Problem("damaged", f"The bundle is damaged: {error}.", AGAIN) from None
    _require_end(file, end)


def _require_harmless(member: tarfile.TarInfo, seen: set[str]) -> None:
    name = member.name
    if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or member.sparse is not None:
        raise Problem(
            "hostile", f"{name!r} in the bundle is a link, a folder or a device. A bundle has only files."
        )
    if name not in _TOP and not _INSIDE.fullmatch(name):
        raise Problem("hostile", f"The bundle has a file called {name!r}. No file of a bundle is called that.")
    if name.lower() in seen or len(seen) >= _MOST_FILES:
        raise Problem("hostile", f"The bundle has {name!r} twice, or too many files.")
    if name in _TOP and member.size > _LARGEST_TEXT:
        raise Problem("hostile", f"{name} in the bundle is too large: {member.size} bytes.")
    seen.add(name.lower())


def _require_end(file: IO[bytes], end: int) -> None:
    """Require two empty blocks at `end`, and nothing behind them: tarfile takes a damaged header for the end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(end)
    empty = not any(any(block) for block in _blocks(file))
    if size % tarfile.BLOCKSIZE or size - end < _END:
        raise Problem("truncated", "The bundle is truncated: its end is missing.", AGAIN)
    if not empty:
        raise Problem("damaged", "The bundle is damaged: something follows its last readable file.", AGAIN)


def _compare(found: Bundle) -> None:
    """Compare the sum of each file with the list."""
    for name in sorted(_TOP - found.sums.keys()):
        raise Problem("truncated", f"The bundle has no {name}: it is not whole.", AGAIN)
    listed: dict[str, str] = {}
    for line in found.texts[SUMS].decode("ascii", "replace").splitlines():
        digest, _, name = line.partition("  ")
        known = name in _TOP or _INSIDE.fullmatch(name)
        if not re.fullmatch("[0-9a-f]{64}", digest) or name in listed or not known:
            raise Problem("damaged", f"{SUMS} in the bundle is damaged: {line!r}.", AGAIN)
        listed[name] = digest
    there = {name: digest for name, digest in found.sums.items() if name not in {SUMS, SIGNATURE, KEY}}
    if missing := sorted(listed.keys() - there.keys()):
        raise Problem("truncated", f"The bundle is not whole. It lacks: {', '.join(missing)}.", AGAIN)
    if added := sorted(there.keys() - listed.keys()):
        raise Problem(
            "swapped", f"Somebody added to the bundle: {', '.join(added)}. {SUMS} does not list it.", ASK
        )
    if wrong := sorted(name for name in listed if listed[name] != there[name]):
        raise Problem("damaged", f"Damaged or replaced in the bundle: {', '.join(wrong)}. The sum differs.", AGAIN)


def _manifest(text: bytes) -> dict[str, Any]:
    """Return the content of the manifest. It has no escapes: what is printed of it controls no terminal."""
    try:
        told = json.loads(text)
        if told["schema"] != SCHEMA:
            raise Problem(
                "stale",
                f"The bundle has format {told['schema']!r}, and this install.py reads format {SCHEMA}.",
                "Use the install.py of this bundle. Check the bundle's sum before you run it.",
            )
        times = [datetime.fromisoformat(told[name]).utcoffset() for name in ("made", "expires")]
        words = [told["kluster"], told["lock"], told["wheel"]]
        words += [word for by in told["targets"].values() for lacks in by.values() for word in lacks]
        known = all(isinstance(word, str) for word in words) and isinstance(told["images"], list)
        if None in times or not known or b"\\" in text or not text.isascii():
            raise ValueError("something is missing, or of another kind")  # noqa: TRY301 -- told below
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Problem("damaged", f"{MANIFEST} in the bundle can't be read: {error}.", ASK) from None
    return dict(told)


# --- keys and sums ---


def fingerprint(pem: bytes) -> str:
    """Return the SHA-256 of the public key in `pem`: what `openssl pkey -pubin -outform DER | sha256sum` prints.

    Raises:
        Problem: it is not an Ed25519 key.

    """
    return hashlib.sha256(_der(pem)).hexdigest()


def _der(pem: bytes) -> bytes:
    head, tail = b"-----BEGIN PUBLIC KEY-----\n", b"\n-----END PUBLIC KEY-----\n"
    try:
        der = base64.b64decode(pem.removeprefix(head).removesuffix(tail), validate=True)
    except ValueError:
        der = b""
    if len(der) != len(_ED25519) + 32 or not der.startswith(_ED25519):
        raise Problem("damaged", f"{KEY} in the bundle is not an Ed25519 key.", ASK)
    return der


def spoken(digest: str) -> str:
    """Return the part of a sum that is read out: 32 digits in groups of four."""
    return " ".join(digest[at : at + 4] for at in range(0, _SHORTEST, 4))


def same(said: str, digest: str) -> bool:
    """Whether `said` (with spaces or colons, in any case, at least 32 digits) is `digest` or its beginning.

    Raises:
        Problem: it is too short.

    """
    digits = re.sub(r"[\s:.-]", "", said).lower()
    if len(digits) < _SHORTEST or not re.fullmatch("[0-9a-f]+", digits):
        raise Problem("usage", f"A sum has at least {_SHORTEST} of the digits 0-9 and a-f: {said!r} has not.")
    return digest.startswith(digits)


def _verify(found: Bundle) -> str | None:
    """Verify the signature with what this machine has; return its name, or None if it has nothing for that."""
    key, text, signature = found.texts[KEY], found.texts[SUMS], found.texts[SIGNATURE]
    result = _by_library(key, text, signature)
    if result is None:
        result = _by_openssl(key, text, signature)
    if result is None:
        return None
    genuine, tool = result
    if not genuine:
        raise Problem("swapped", f"The signature does not fit {SUMS}: the list or the key was replaced.", ASK)
    return tool


def _by_library(key: bytes, text: bytes, signature: bytes) -> tuple[bool, str] | None:
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- a clean Python does not have it
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(_der(key)[len(_ED25519) :]).verify(signature, text)
    except InvalidSignature:
        return False, "cryptography"
    return True, "cryptography"


def _by_openssl(key: bytes, text: bytes, signature: bytes) -> tuple[bool, str] | None:
    program = shutil.which("openssl")
    if program is None:
        return None
    try:
        version = subprocess.run(
            [program, "version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
        number = re.match(r"OpenSSL (\d+)", version)
        if number is None or int(number[1]) < 3:
            return None  # older ones, and LibreSSL, can't verify Ed25519 signatures of a file
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("key", key), ("text", text), ("sig", signature)):
                Path(folder, name).write_bytes(content)
            argv = [
                program,
                "pkeyutl",
                "-verify",
                "-pubin",
                "-inkey",
                "key",
                "-rawin",
                "-in",
                "text",
                "-sigfile",
                "sig",
            ]
            done = subprocess.run(argv, cwd=folder, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.returncode == 0, version.strip().partition(" (")[0]


def authenticated(found: Bundle, sha256: str, key: str) -> str:
    """Compare the bundle with what its sender has read out; return why it can be trusted, "" without a reason.

    Raises:
        Problem: it is another bundle, or another key; or nothing here can verify a signature.

    """
    if sha256 and not same(sha256, found.sha256):
        title = f"This is not the sender's bundle: its sum begins with {spoken(found.sha256)}."
        raise Problem("swapped", title, ASK)
    if key and not same(key, found.fingerprint):
        title = f"Another key has signed this bundle: its fingerprint begins with {spoken(found.fingerprint)}."
        raise Problem("swapped", title, ASK)
    if key and not sha256 and not found.verified_with:
        title = (
            "Nothing on this machine can verify the signature: --key needs the library cryptography, or OpenSSL 3."
        )
        raise Problem("machine", title, "Use --sha256 with the sum of the whole file.")
    if sha256:
        return "its sum is the sender's"
    return f"the sender's key has signed it (verified with {found.verified_with})" if key else ""
