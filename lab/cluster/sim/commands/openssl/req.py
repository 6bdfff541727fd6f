"""openssl req: certificate requests, and certificates that sign themselves."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.openssl import printing
from lab.cluster.sim.commands.openssl.command_line import Options, contents, parse, write
from lab.cluster.sim.commands.openssl.extensions import add_extensions, section, settings
from lab.cluster.sim.commands.openssl.keys import new_key
from lab.cluster.sim.pki.issuing import moment, pem
from lab.cluster.sim.pki.keys import PrivateKey, private_pem, public_pem
from lab.cluster.sim.pki.reading import private_key, requests

__all__ = ["req"]

_VALUED = {
    "in", "out", "key", "keyout", "newkey", "subj", "days", "addext", "config", "extensions", "reqexts", "nameopt",
    "set_serial", "outform", "inform", "passin", "passout", "pkeyopt", "section",
}  # fmt: skip
_SWITCHES = {"new", "nodes", "noenc", "x509", "noout", "text", "subject", "verify", "pubkey", "modulus", "batch",
             "utf8", "verbose"}  # fmt: skip
_OIDS = {
    "CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "C": NameOID.COUNTRY_NAME, "ST": NameOID.STATE_OR_PROVINCE_NAME, "L": NameOID.LOCALITY_NAME,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "commonName": NameOID.COMMON_NAME, "organizationName": NameOID.ORGANIZATION_NAME,
    "countryName": NameOID.COUNTRY_NAME, "stateOrProvinceName": NameOID.STATE_OR_PROVINCE_NAME,
    "localityName": NameOID.LOCALITY_NAME, "organizationalUnitName": NameOID.ORGANIZATIONAL_UNIT_NAME,
}  # fmt: skip


async def req(call: Call, argv: list[str]) -> int:
    """Run `openssl req`."""
    options = parse("req", argv, _VALUED, _SWITCHES, digests=True)
    if options.on("new") or options.on("newkey") or options.on("x509"):
        return await _new(call, options)
    found = requests(await contents(call, options.get("in"), "PKCS10 request"))
    if not found:
        raise Exit(1, f"Could not read PKCS10 request from {options.get('in') or '<stdin>'}\n"
                      "Unable to load PKCS10 request")  # fmt: skip
    request, shown, form = found[0], "", options.get("nameopt")
    if options.on("verify"):
        await call.err(
            f"Certificate request self-signature verify {'OK' if request.is_signature_valid else 'failure'}\n"
        )
    if options.on("text"):
        shown += printing.request_text(request, form)
    if options.on("subject"):
        shown += f"subject={printing.name(request.subject, form)}\n"
    if not options.on("noout"):
        shown += request.public_bytes(Encoding.PEM).decode()
    await write(call, options.get("out"), shown)
    return 0 if not options.on("verify") or request.is_signature_valid else 1


async def _new(call: Call, options: Options) -> int:
    config = await contents(call, options.get("config"), "config") if options.on("config") else ""
    key = await _key(call, options)
    subject = _subject(options, config)
    extensions = "\n".join(options.all("addext"))
    wanted = options.get("extensions") or options.get("reqexts")
    main = settings(config).get("req", {})
    name = wanted or main.get("x509_extensions" if options.on("x509") else "req_extensions", "")
    if name:
        extensions += "\n" + section(config, name)
    if options.on("x509"):
        certificate = _own_certificate(call, options, key, subject, extensions)
        await write(call, options.get("out"), pem(certificate))
        return 0
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = add_extensions(builder, extensions, key.public_key(), None)
    request = builder.sign(key, hashes.SHA256())
    shown = printing.request_text(request) if options.on("text") else ""
    shown += public_pem(key.public_key()) if options.on("pubkey") else ""
    await write(call, options.get("out"), shown + request.public_bytes(Encoding.PEM).decode())
    return 0


async def _key(call: Call, options: Options) -> PrivateKey:
    """Return the key that is given, or a new one, which is also written."""
    if options.on("key"):
        key = private_key(await contents(call, options.get("key"), "private key"))
        if key is None:
            raise Exit(1, f"Could not read private key from {options.get('key')}")
        return key
    kind, _, size = options.get("newkey", "rsa:2048").partition(":")
    if kind == "ec":
        values = dict(value.split(":", 1) for value in options.all("pkeyopt") if ":" in value)
        size = values.get("ec_paramgen_curve", "")
    elif kind != "rsa":
        raise NotSimulated(f"openssl req -newkey {kind}")
    if not options.on("nodes") and not options.on("noenc"):
        raise NotSimulated("openssl req that asks for a password (use -nodes)")
    key = new_key(call, kind, size or "2048")
    await call.err("-----\n")
    await write(call, options.get("keyout") or "privkey.pem", private_pem(key, pkcs8=True), 0o600)
    return key


def _subject(options: Options, config: str) -> x509.Name:
    text = options.get("subj")
    if not options.on("subj"):
        found = settings(config)
        fields = found.get(found.get("req", {}).get("distinguished_name", ""), {})
        if not fields or found.get("req", {}).get("prompt") != "no":
            raise NotSimulated("openssl req that asks for a subject (use -subj)")
        return x509.Name([x509.NameAttribute(_OIDS[key], value) for key, value in fields.items() if key in _OIDS])
    if not text.startswith("/"):
        raise Exit(
            1,
            "req: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where "
            f"characters may be escaped by \\. This name is not in that format: '{text[0:]}'",
        )
    parts = []
    for part in text[1:].split("/"):
        key, has_value, value = part.partition("=")
        if not part:
            continue
        if not has_value:
            raise Exit(1, f"req: Missing '=' after RDN type string '{part}' in subject name string")
        if key not in _OIDS:
            raise NotSimulated(f"openssl req -subj with {key}")
        if value:
            parts.append(x509.NameAttribute(_OIDS[key], value))
    return x509.Name(parts)


def _own_certificate(
    call: Call, options: Options, key: PrivateKey, subject: x509.Name, extensions: str
) -> x509.Certificate:
    begins = moment(call.now())
    number = int(options.get("set_serial"), 0) if options.on("set_serial") else call.world.chance.getrandbits(158)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(number).not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=int(options.get("days", "30"))))
    )  # fmt: skip
    if "basicConstraints" not in extensions:
        extensions = (
            "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nbasicConstraints=critical,CA:TRUE\n"
            f"{extensions}"
        )
    return add_extensions(builder, extensions, key.public_key(), None).sign(key, hashes.SHA256())
