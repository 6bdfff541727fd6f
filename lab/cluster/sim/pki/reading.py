"""What programs find out about certificates and keys in PEM text: parts, chains, names, times."""

import functools
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from lab.cluster.sim.pki.issuing import CLIENT, SERVER
from lab.cluster.sim.pki.keys import PrivateKey
from lab.cluster.sim.text.addresses import is_address
from lab.cluster.sim.text.times import rfc3339

__all__ = [
    "Flaw", "PublicKey", "certificates", "common_name", "extension", "flaw", "go_problem", "identity", "matches",
    "names_of", "pair_problem", "private_key", "public_bytes", "public_key", "requests",
]  # fmt: skip

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n.*?-----END \1-----", re.DOTALL)
_LONGEST_CHAIN = 10
_UNTIMELY = "x509: certificate has expired or is not yet valid: current time"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a chain is not accepted: OpenSSL's number, the depth, and the certificate at fault."""

    number: int
    depth: int
    certificate: x509.Certificate


def _blocks(text: str, *labels: str) -> Iterable[bytes]:
    return (found.group(0).encode() + b"\n" for found in _BLOCK.finditer(text) if found.group(1) in labels)


@functools.lru_cache(maxsize=128)
def certificates(text: str) -> tuple[x509.Certificate, ...]:
    """Return all certificates in a text; blocks that are damaged are left out."""
    found = []
    for block in _blocks(text, "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"):
        try:
            found.append(x509.load_pem_x509_certificate(block))
        except ValueError:
            continue
    return tuple(found)


def requests(text: str) -> tuple[x509.CertificateSigningRequest, ...]:
    """Return all certificate requests in a text."""
    found = []
    for block in _blocks(text, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"):
        try:
            found.append(x509.load_pem_x509_csr(block))
        except ValueError:
            continue
    return tuple(found)


@functools.lru_cache(maxsize=64)
def private_key(text: str) -> PrivateKey | None:
    """Return the first private key in a text that needs no password."""
    for block in _blocks(text, "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"):
        try:
            key = load_pem_private_key(block, None, unsafe_skip_rsa_key_validation=True)
        except (ValueError, TypeError):
            continue
        if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            return key
    return None


def public_key(text: str) -> PublicKey | None:
    """Return the first public key in a text."""
    for block in _blocks(text, "PUBLIC KEY", "RSA PUBLIC KEY"):
        try:
            key = load_pem_public_key(block)
        except ValueError:
            continue
        if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            return key
    return None


def public_bytes(key: object) -> bytes:
    """Return a public key as bytes, to compare it."""
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)  # noqa: S101 -- no other kind is made
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@functools.lru_cache(maxsize=64)
def pair_problem(certificate: str, key: str) -> str:
    """Return Go's error for a certificate and key that a program loads (tls.X509KeyPair), or nothing."""
    for text, what in ((certificate, "certificate"), (key, "key")):
        if not _BLOCK.search(text):
            return f"tls: failed to find any PEM data in {what} input"
    found, private = certificates(certificate), private_key(key)
    if not found:
        return 'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks'
    if private is None:
        return "tls: failed to parse private key"
    if public_bytes(found[0].public_key()) != public_bytes(private.public_key()):
        return "tls: private key does not match public key"
    return ""


@functools.lru_cache(maxsize=512)
def extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    """Return an extension's value, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def common_name(name: x509.Name) -> str:
    """Return the last CN of a name."""
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[-1].value) if found else ""


def identity(certificate: x509.Certificate) -> tuple[str, list[str]]:
    """Return the user and the groups that a client certificate names to the API server."""
    groups = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return common_name(certificate.subject), [str(group.value) for group in groups]


@functools.lru_cache(maxsize=128)
def names_of(certificate: x509.Certificate) -> tuple[Sequence[str], Sequence[str]]:
    """Return the host names and the addresses that a certificate is for."""
    found = extension(certificate, x509.SubjectAlternativeName)
    if not isinstance(found, x509.SubjectAlternativeName):
        return (), ()
    addresses = tuple(str(ip) for ip in found.get_values_for_type(x509.IPAddress))
    return tuple(found.get_values_for_type(x509.DNSName)), addresses


def matches(certificate: x509.Certificate, host: str) -> bool:
    """Whether a certificate is for a host name or an address."""
    names, addresses = names_of(certificate)
    try:
        return str(ipaddress.ip_address(host)) in addresses
    except ValueError:
        pass
    host = host.lower().rstrip(".")
    return any(
        name.lower() == host or (name.startswith("*.") and host.partition(".")[2] == name[2:].lower())
        for name in names
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    found = extension(certificate, x509.BasicConstraints)
    if found is None:
        # Certificates of version 1 are accepted as roots only.
        return certificate.version == x509.Version.v1 and certificate.subject == certificate.issuer
    return isinstance(found, x509.BasicConstraints) and found.ca


@functools.lru_cache(maxsize=512)
def _signed(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    if certificate.issuer != by.subject:
        return False
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _serves(certificate: x509.Certificate, usage: x509.ObjectIdentifier | None) -> bool:
    found = extension(certificate, x509.ExtendedKeyUsage)
    return usage is None or not isinstance(found, x509.ExtendedKeyUsage) or usage in found


def chain(
    certificate: x509.Certificate, trusted: Sequence[x509.Certificate], untrusted: Sequence[x509.Certificate] = ()
) -> tuple[list[x509.Certificate], Flaw | None]:
    """Return the chain from a certificate up to a trusted one, or as far as it goes and why it ends there."""
    found = [certificate]
    while certificate not in trusted:
        above = next((each for each in trusted if _signed(certificate, each)), None)
        above = above or next(
            (each for each in untrusted if each not in found and _signed(certificate, each)), None
        )
        if above is None or len(found) > _LONGEST_CHAIN:
            own = certificate.subject == certificate.issuer
            number = (18 if len(found) == 1 else 19) if own else (20 if len(found) == 1 or not untrusted else 2)
            return found, Flaw(number, len(found) - 1, certificate)
        found.append(above)
        certificate = above
    return found, None


def flaw(
    certificate: x509.Certificate, trusted: Sequence[x509.Certificate], now: float, *,
    untrusted: Sequence[x509.Certificate] = (), usage: x509.ObjectIdentifier | None = None,
) -> Flaw | None:  # fmt: skip
    """Return the first reason not to accept a certificate, in OpenSSL's order; None if it is good."""
    found, problem = chain(certificate, trusted, untrusted)
    if problem is not None:
        return problem
    for depth, each in list(enumerate(found))[1:]:
        if not _is_authority(each):
            return Flaw(79 if extension(each, x509.BasicConstraints) else 24, depth, each)
    if not _serves(certificate, usage):
        return Flaw(26, 0, certificate)
    for depth, each in reversed(list(enumerate(found))):
        if now < each.not_valid_before_utc.timestamp():
            return Flaw(9, depth, each)
        if now > each.not_valid_after_utc.timestamp():
            return Flaw(10, depth, each)
    return None


def go_problem(  # noqa: PLR0911 -- a line for each problem
    certificate: x509.Certificate, roots: str, now: float, *, host: str = "", client: bool = False
) -> str:
    """Return the error of a Go program that verifies a server (for `host`) or a client; nothing if it is good."""
    usage = CLIENT if client else SERVER
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins.timestamp():
        return f"{_UNTIMELY} {rfc3339(now)} is before {rfc3339(begins.timestamp())}"
    if now > ends.timestamp():
        return f"{_UNTIMELY} {rfc3339(now)} is after {rfc3339(ends.timestamp())}"
    if host and not matches(certificate, host):
        return _not_for(certificate, host)
    found = flaw(certificate, certificates(roots), now, usage=usage)
    if found is None:
        return ""
    if found.number == 26:
        return "x509: certificate specifies an incompatible key usage"
    if found.number in {9, 10}:
        return "x509: certificate has expired or is not yet valid: "
    own = common_name(certificate.issuer)
    hint = ""
    if any(common_name(root.subject) == own for root in certificates(roots)):
        hint = (
            ' (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority '
            f'certificate "{own}")'
        )
    return f"x509: certificate signed by unknown authority{hint}"


def _not_for(certificate: x509.Certificate, host: str) -> str:
    names, addresses = names_of(certificate)
    if not is_address(host):
        if not names:
            return f"x509: certificate is not valid for any names, but wanted to match {host}"
        return f"x509: certificate is valid for {', '.join(names)}, not {host}"
    if not addresses:
        return f"x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"
    return f"x509: certificate is valid for {', '.join(addresses)}, not {host}"
