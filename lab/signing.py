"""Ed25519 keys in files that only their owner can read, and the check of signatures."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import LabError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["key_at", "public_pem", "verified"]


def key_at(path: Path) -> "Ed25519PrivateKey":
    """Return the private key in the file `path`; create one if there is no file.

    Raises:
        OSError: the file can't be read or written.
        ValueError: it has no Ed25519 key.

    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 -- slow to load
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    if path.is_file():
        found = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(found, Ed25519PrivateKey):
            raise ValueError("it is not an Ed25519 key")
        return found
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return key


def public_pem(key: "Ed25519PrivateKey") -> bytes:
    """Return the public key of `key` as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 -- as above

    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def verified(key: str, signed: bytes, signature: str, *, what: str) -> bool:
    """Whether the public key `key` has signed the bytes `signed`; key and signature are in hex.

    Raises:
        LabError: the library for it is not installed, so `what` can't be verified.

    """
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- of the extra `serve`
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
    except ImportError as error:
        raise LabError(
            f"{what} can't be verified: cryptography is not installed.",
            remedy="Install the lab with its server: pipx install 'kluster005[serve]'",
        ) from error
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), signed)
    except (InvalidSignature, ValueError):
        return False
    return True
