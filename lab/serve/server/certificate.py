"""A certificate for the addresses of this machine, created on demand and kept in the event's folder."""

import ipaddress
import os
import socket
import ssl
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.errors import LabError

__all__ = ["fingerprint", "made", "require_pair"]

#: How long it is valid: an event takes a day, and may be repeated.
_LASTS = timedelta(days=90)
#: A certificate that expires sooner is replaced.
_LEAST = timedelta(days=2)


def fingerprint(cert: Path) -> str:
    """Return the SHA-256 fingerprint of the certificate in a PEM file, in pairs, as browsers show it.

    Raises:
        LabError: there is no certificate in it.

    """
    try:
        found = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else ""
        raise LabError(f"{cert} has no certificate.", why, "Give a file in PEM format.") from error
    return found.fingerprint(hashes.SHA256()).hex(":").upper()


def require_pair(cert: Path, key: Path) -> None:
    """Refuse a key that a server can't use with the certificate.

    Raises:
        LabError: the key can't be read, is encrypted, or belongs to another certificate.

    """
    try:
        # Without a password here, OpenSSL would ask for one at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except ssl.SSLError as error:
        raise LabError(
            f"{key} is not the key of {cert}, or needs a password.",
            remedy="Give the certificate's key in PEM format, without a password.",
        ) from error
    except OSError as error:
        raise LabError(f"{key} can't be read.", error.strerror or "", "Give a file in PEM format.") from error


def made(folder: Path, hosts: Collection[str], now: datetime) -> tuple[Path, Path]:
    """Return a certificate and its key in `folder`, for `hosts` (names and addresses).

    An existing certificate is used if it is valid for all of them, so that browsers which have accepted it do not
    ask again.
    """
    cert, key = folder / "cert.pem", folder / "key.pem"
    if key.is_file() and _fits(cert, hosts, now):
        return cert, key
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Kluster 005 at {socket.gethostname()}"[:64])])
    found = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of borrowed laptops are not always right.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectAlternativeName([_name(host) for host in sorted(hosts)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    private = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(private)
    cert.write_bytes(found.public_bytes(serialization.Encoding.PEM))
    return cert, key


def _fits(cert: Path, hosts: Collection[str], now: datetime) -> bool:
    try:
        found = x509.load_pem_x509_certificate(cert.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    return found.not_valid_after_utc - now > _LEAST and all(_name(host) in names for host in hosts)


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
