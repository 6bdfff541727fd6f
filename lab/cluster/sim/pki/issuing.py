"""Certificates as Go's crypto/x509 issues them: the same extensions in the same order."""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.cluster.sim.pki.keys import PrivateKey

__all__ = ["CLIENT", "SERVER", "Authority", "Wish", "moment", "pem"]

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
_PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class Wish:
    """The contents of a certificate. Times are in s since the epoch; names are in the order of the certificate."""

    name: str
    serial: int
    begins: float
    ends: float
    groups: Sequence[str] = ()
    names: Sequence[str] = ()
    addresses: Sequence[str] = ()
    usages: Sequence[x509.ObjectIdentifier] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA: its certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @classmethod
    def begun(cls, wish: Wish, key: PrivateKey) -> "Authority":
        """Return a CA with a certificate that it has signed itself."""
        name = _name(wish)
        return cls(_built(wish, key.public_key(), name, key, authority=True, parent=None), key)

    def issue(self, wish: Wish, public: _PublicKey) -> x509.Certificate:
        """Return a certificate for the owner of a public key."""
        return _built(wish, public, self.certificate.subject, self.key, authority=False, parent=self.certificate)


def moment(seconds: float) -> datetime:
    """Return a time in s since the epoch as certificates have it: in whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC)


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def _name(wish: Wish) -> x509.Name:
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in wish.groups]
    return x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, wish.name)])


def _built(
    wish: Wish, public: _PublicKey, issuer: x509.Name, signer: PrivateKey, *, authority: bool,
    parent: x509.Certificate | None,
) -> x509.Certificate:  # fmt: skip
    builder = (
        x509.CertificateBuilder().subject_name(_name(wish)).issuer_name(issuer).public_key(public)
        .serial_number(wish.serial).not_valid_before(moment(wish.begins)).not_valid_after(moment(wish.ends))
    )  # fmt: skip
    for extension, critical in _extensions(wish, public, parent, authority=authority):
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def _extensions(
    wish: Wish, public: _PublicKey, parent: x509.Certificate | None, *, authority: bool
) -> list[tuple[x509.ExtensionType, bool]]:
    enciphers = isinstance(public, rsa.RSAPublicKey)
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.KeyUsage(
            digital_signature=True, key_encipherment=enciphers, key_cert_sign=authority, content_commitment=False,
            data_encipherment=False, key_agreement=False, crl_sign=False, encipher_only=False, decipher_only=False,
        ), True),
    ]  # fmt: skip
    if wish.usages:
        found.append((x509.ExtendedKeyUsage(wish.usages), False))
    found.append((x509.BasicConstraints(ca=authority, path_length=None), True))
    if authority:
        if isinstance(public, rsa.RSAPublicKey):
            bits = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        else:
            bits = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        # Go takes the first bytes of a SHA-256 since version 1.25.
        found.append((x509.SubjectKeyIdentifier(hashlib.sha256(bits).digest()[:20]), False))
    if parent is not None:
        identifier = parent.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        found.append((authority_key, False))
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in wish.names]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in wish.addresses]
    if names:
        found.append((x509.SubjectAlternativeName(names), False))
    return found
