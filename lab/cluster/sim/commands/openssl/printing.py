"""The text of names, keys, certificates and requests, as OpenSSL 3.0 prints them."""

import hashlib
import textwrap
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lab.cluster.sim.pki.reading import PublicKey

__all__ = [
    "canonical_hash", "certificate_text", "colons", "date", "extension_text", "key_text", "name", "request_text",
    "serial",
]  # fmt: skip

_SHORT = {
    "2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
    "2.5.4.5": "serialNumber", "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID", "2.5.4.4": "SN", "2.5.4.42": "GN",
}  # fmt: skip
_LONG = {
    "CN": "commonName", "C": "countryName", "L": "localityName", "ST": "stateOrProvinceName",
    "O": "organizationName", "OU": "organizationalUnitName",
}  # fmt: skip
_SIGNED = {
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption", "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
}  # fmt: skip
_USAGES = {
    "serverAuth": "TLS Web Server Authentication", "clientAuth": "TLS Web Client Authentication",
    "codeSigning": "Code Signing", "emailProtection": "E-mail Protection", "timeStamping": "Time Stamping",
    "OCSPSigning": "OCSP Signing", "anyExtendedKeyUsage": "Any Extended Key Usage",
}  # fmt: skip
_KEY_USAGES = (
    ("digital_signature", "Digital Signature"), ("content_commitment", "Non Repudiation"),
    ("key_encipherment", "Key Encipherment"), ("data_encipherment", "Data Encipherment"),
    ("key_agreement", "Key Agreement"), ("key_cert_sign", "Certificate Sign"), ("crl_sign", "CRL Sign"),
)  # fmt: skip
_CURVES = {
    "secp256r1": ("prime256v1", "P-256"),
    "secp384r1": ("secp384r1", "P-384"),
    "secp521r1": ("secp521r1", "P-521"),
}
_EXTENSIONS = {
    "2.5.29.14": ("subjectKeyIdentifier", "X509v3 Subject Key Identifier"),
    "2.5.29.15": ("keyUsage", "X509v3 Key Usage"),
    "2.5.29.17": ("subjectAltName", "X509v3 Subject Alternative Name"),
    "2.5.29.19": ("basicConstraints", "X509v3 Basic Constraints"),
    "2.5.29.35": ("authorityKeyIdentifier", "X509v3 Authority Key Identifier"),
    "2.5.29.37": ("extendedKeyUsage", "X509v3 Extended Key Usage"),
}


def name(given: x509.Name, form: str = "") -> str:
    """Return a name; `form` is a value of -nameopt."""
    parts = [
        (_SHORT.get(each.oid.dotted_string, each.oid.dotted_string), str(each.value))
        for rdn in given.rdns for each in rdn
    ]  # fmt: skip
    match form.lower():
        case "rfc2253":
            return ",".join(f"{key}={value}" for key, value in reversed(parts))
        case "compat":
            return "".join(f"/{key}={value}" for key, value in parts)
        case "multiline":
            return "".join(f"\n    {_LONG.get(key, key):<25} = {value}" for key, value in parts)
        case "sep_multiline":
            return "".join(f"\n    {key}={value}" for key, value in parts)
        case _:
            return ", ".join(f"{key} = {value}" for key, value in parts)


def date(moment: datetime, form: str = "") -> str:
    """Return a time; `form` is a value of -dateopt."""
    if form == "iso_8601":
        return f"{moment:%Y-%m-%d %H:%M:%S}Z"
    return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S %Y} GMT"


def colons(data: bytes, *, upper: bool = True) -> str:
    """Return bytes as `AB:CD`."""
    return ":".join(f"{byte:02X}" if upper else f"{byte:02x}" for byte in data)


def serial(number: int) -> str:
    """Return a serial number in an even number of hexadecimal digits."""
    digits = f"{number:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _wrapped(data: bytes, indent: str, size: int) -> list[str]:
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    last = len(chunks) - 1
    return [f"{indent}{colons(chunk, upper=False)}{':' if at < last else ''}" for at, chunk in enumerate(chunks)]


def _number(value: int, indent: str) -> list[str]:
    return _wrapped(value.to_bytes(value.bit_length() // 8 + 1, "big"), indent, 15)


def key_text(key: object, indent: str = "") -> list[str]:
    """Return the lines that describe a public key."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return [
            f"{indent}Public-Key: ({key.key_size} bit)",
            f"{indent}Modulus:",
            *_number(numbers.n, f"{indent}    "),
            f"{indent}Exponent: {numbers.e} ({numbers.e:#x})",
        ]
    assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101 -- no other kind is read
    curve, nist = _CURVES.get(key.curve.name, (key.curve.name, key.curve.name))
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return [
        f"{indent}Public-Key: ({key.key_size} bit)",
        f"{indent}pub:",
        *_wrapped(point, f"{indent}    ", 15),
        f"{indent}ASN1 OID: {curve}",
        f"{indent}NIST CURVE: {nist}",
    ]


def _public(key: PublicKey) -> list[str]:
    kind = "rsaEncryption" if isinstance(key, rsa.RSAPublicKey) else "id-ecPublicKey"
    lead = " " * 8
    return [
        f"{lead}Subject Public Key Info:",
        f"{lead}    Public Key Algorithm: {kind}",
        *key_text(key, f"{lead}        "),
    ]


def _general(each: x509.GeneralName) -> str:
    match each:
        case x509.DNSName():
            return f"DNS:{each.value}"
        case x509.IPAddress():
            if each.value.version == 6:
                groups = each.value.exploded.split(":")
                return "IP Address:" + ":".join(f"{int(group, 16):X}" for group in groups)
            return f"IP Address:{each.value}"
        case x509.RFC822Name():
            return f"email:{each.value}"
        case x509.UniformResourceIdentifier():
            return f"URI:{each.value}"
        case _:
            return "othername:<unsupported>"


def _value(value: object) -> str:  # noqa: PLR0911 -- a line for each extension
    match value:
        case x509.KeyUsage():
            return ", ".join(told for attribute, told in _KEY_USAGES if getattr(value, attribute))
        case x509.ExtendedKeyUsage():
            return ", ".join(_USAGES.get(each._name, each.dotted_string) for each in value)  # noqa: SLF001 -- it has no other name
        case x509.BasicConstraints():
            length = f", pathlen:{value.path_length}" if value.path_length is not None else ""
            return f"CA:{'TRUE' if value.ca else 'FALSE'}{length}"
        case x509.SubjectKeyIdentifier():
            return colons(value.digest)
        case x509.AuthorityKeyIdentifier():
            return colons(value.key_identifier or b"")
        case x509.SubjectAlternativeName():
            return ", ".join(_general(each) for each in value)
        case x509.UnrecognizedExtension():
            return colons(value.value)
        case _:
            return "<not simulated>"


def extension_text(
    extensions: Iterable[x509.Extension[x509.ExtensionType]], indent: str = "", only: Iterable[str] | None = None
) -> list[str]:
    """Return the lines of extensions: all of them, or those with a name in `only`."""
    lines = []
    for each in extensions:
        short, long = _EXTENSIONS.get(each.oid.dotted_string, (each.oid.dotted_string,) * 2)
        if only is None or short in only:
            lines.append(f"{indent}{long}: {'critical' if each.critical else ''}")
            lines.append(f"{indent}    {_value(each.value)}")
    return lines


def _signature(given: x509.Certificate | x509.CertificateSigningRequest) -> list[str]:
    return [
        f"    Signature Algorithm: {_algorithm(given)}",
        "    Signature Value:",
        *_wrapped(given.signature, " " * 8, 18),
    ]


def _algorithm(given: x509.Certificate | x509.CertificateSigningRequest) -> str:
    number = given.signature_algorithm_oid.dotted_string
    return _SIGNED.get(number, number)


def certificate_text(given: x509.Certificate, without: Iterable[str] = (), form: str = "", dates: str = "") -> str:
    """Return what `x509 -text` prints; `without` has the words of -certopt."""
    number = given.serial_number
    told = f" {number} ({number:#x})" if number < 2**63 else (
        "\n            " + colons(bytes.fromhex(serial(number)), upper=False)
    )  # fmt: skip
    lead = " " * 8
    parts = {
        "no_header": ["Certificate:", "    Data:"],
        "no_version": [f"{lead}Version: {given.version.value + 1} ({given.version.value:#x})"],
        "no_serial": [f"{lead}Serial Number:{told}"],
        "no_signame": [f"{lead}Signature Algorithm: {_algorithm(given)}"],
        "no_issuer": [f"{lead}Issuer: {name(given.issuer, form)}"],
        "no_validity": [
            f"{lead}Validity",
            f"{lead}    Not Before: {date(given.not_valid_before_utc, dates)}",
            f"{lead}    Not After : {date(given.not_valid_after_utc, dates)}",
        ],
        "no_subject": [f"{lead}Subject: {name(given.subject, form)}"],
        "no_pubkey": _public(given.public_key()),  # type: ignore[arg-type]
        "no_extensions": (
            [f"{lead}X509v3 extensions:", *extension_text(given.extensions, f"{lead}    ")]
            if given.extensions
            else []
        ),
        "no_sigdump": _signature(given),
    }
    dropped = set(without)
    return "".join(f"{line}\n" for key, lines in parts.items() if key not in dropped for line in lines)


def request_text(given: x509.CertificateSigningRequest, form: str = "") -> str:
    """Return what `req -text` prints."""
    lead = " " * 8
    asked = [f"{lead}    (none)", f"{lead}    Requested Extensions:"]
    if given.extensions:
        asked = [f"{lead}    Requested Extensions:", *extension_text(given.extensions, " " * 16)]
    lines = [
        "Certificate Request:",
        "    Data:",
        f"{lead}Version: 1 (0x0)",
        f"{lead}Subject: {name(given.subject, form)}",
        *_public(given.public_key()),  # type: ignore[arg-type]
        f"{lead}Attributes:",
        *asked,
        *_signature(given),
    ]
    return "".join(f"{line}\n" for line in lines)


def canonical_hash(given: x509.Name) -> str:
    """Return the number by which OpenSSL finds a CA's file: of the name in lower case, as UTF-8 strings."""
    content = b""
    for rdn in given.rdns:
        inner = b""
        for each in rdn:
            text = " ".join(str(each.value).lower().split()).encode()
            value = b"\x0c" + _length(text) + text
            number = x509.Name([each]).public_bytes()
            oid = number[6 : 8 + number[7]] if number[5] < 128 else b""
            pair = oid + value
            inner += b"\x30" + _length(pair) + pair
        content += b"\x31" + _length(inner) + inner
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def _length(data: bytes) -> bytes:
    if len(data) < 128:
        return bytes([len(data)])
    size = (len(data).bit_length() + 7) // 8
    return bytes([128 + size]) + len(data).to_bytes(size, "big")


def folded(data: str) -> str:
    """Return base64 text in lines of 64 letters."""
    return "\n".join(textwrap.wrap(data, 64))
