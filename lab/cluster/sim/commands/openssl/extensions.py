"""Extensions as a configuration file names them: `subjectAltName=DNS:a,IP:10.0.0.1`."""

import hashlib
import ipaddress
from collections.abc import Mapping
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.pki.reading import extension

__all__ = ["add_extensions", "section", "settings"]

_Builder = TypeVar("_Builder", x509.CertificateBuilder, x509.CertificateSigningRequestBuilder)
_USAGES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH, "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "codeSigning": ExtendedKeyUsageOID.CODE_SIGNING, "emailProtection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
}  # fmt: skip
_KEY_USAGES: Mapping[str, str] = {
    "digitalSignature": "digital_signature", "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment", "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement", "keyCertSign": "key_cert_sign", "cRLSign": "crl_sign",
}  # fmt: skip


def settings(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of a configuration file; what stands before the first section is under an empty name."""
    found: dict[str, dict[str, str]] = {"": {}}
    name = ""
    for line in text.splitlines():
        line = line.partition("#")[0].strip()  # noqa: PLW2901 -- the same line without its comment
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1].strip()
            found.setdefault(name, {})
        elif "=" in line:
            key, _, value = line.partition("=")
            found[name][key.strip()] = value.strip()
    return found


def section(text: str, name: str) -> str:
    """Return the lines of one section; names that a value refers to (`@alt_names`) are put in their place."""
    found = settings(text)
    if name and name not in found:
        raise Exit(1, f"Error checking extension section {name}")
    lines = []
    for key, value in found[name or found[""].get("extensions", "")].items():
        words = []
        for word in value.split(","):
            if word.strip().startswith("@"):
                inner = found.get(word.strip()[1:], {})
                words += [f"{kind.partition('.')[0]}:{each}" for kind, each in inner.items()]
            else:
                words.append(word.strip())
        lines.append(f"{key}={','.join(words)}")
    return "\n".join(lines)


def add_extensions(builder: _Builder, text: str, public: object, parent: x509.Certificate | None) -> _Builder:
    """Add the extensions that the lines of `text` name."""
    for line in text.splitlines():
        key, _, value = line.partition("=")
        words = [word.strip() for word in value.split(",") if word.strip()]
        critical = "critical" in words
        words = [word for word in words if word != "critical"]
        made = _extension(key.strip(), words, public, parent)
        if made is not None:
            builder = builder.add_extension(made, critical)
    return builder


def _extension(  # noqa: PLR0911 -- a line for each extension
    key: str, words: list[str], public: object, parent: x509.Certificate | None
) -> x509.ExtensionType | None:
    try:
        match key:
            case "basicConstraints":
                parts = dict(word.split(":", 1) for word in words)
                length = parts.get("pathlen")
                return x509.BasicConstraints(
                    parts.get("CA", "").upper() == "TRUE", int(length) if length else None
                )
            case "keyUsage":
                on = {_KEY_USAGES[word] for word in words}
                names = (*_KEY_USAGES.values(), "encipher_only", "decipher_only")
                return x509.KeyUsage(**{name: name in on for name in names})
            case "extendedKeyUsage":
                return x509.ExtendedKeyUsage([_USAGES[word] for word in words])
            case "subjectAltName":
                return x509.SubjectAlternativeName([_general(word) for word in words])
            case "subjectKeyIdentifier":
                return x509.SubjectKeyIdentifier(_identifier(public))
            case "authorityKeyIdentifier":
                own = extension(parent, x509.SubjectKeyIdentifier) if parent is not None else None
                digest = own.digest if isinstance(own, x509.SubjectKeyIdentifier) else None
                if parent is None:
                    digest = _identifier(public)
                if digest is None:
                    return None
                return x509.AuthorityKeyIdentifier(digest, None, None)
            case _:
                raise NotSimulated(f"openssl with the extension {key}")
    except (KeyError, ValueError):
        raise Exit(1, f"Error adding extensions: name={key}, value={', '.join(words)}") from None


def _general(word: str) -> x509.GeneralName:
    kind, _, value = word.partition(":")
    match kind:
        case "DNS":
            return x509.DNSName(value)
        case "IP":
            return x509.IPAddress(ipaddress.ip_address(value))
        case "email":
            return x509.RFC822Name(value)
        case "URI":
            return x509.UniformResourceIdentifier(value)
        case _:
            raise ValueError(word)


def _identifier(public: object) -> bytes:
    if isinstance(public, rsa.RSAPublicKey):
        return hashlib.sha1(public.public_bytes(Encoding.DER, PublicFormat.PKCS1), usedforsecurity=False).digest()
    return x509.SubjectKeyIdentifier.from_public_key(public).digest  # type: ignore[arg-type]
