"""openssl x509: print a certificate, or sign one."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.openssl import printing
from lab.cluster.sim.commands.openssl.command_line import Options, contents, failure, parse, write
from lab.cluster.sim.commands.openssl.extensions import add_extensions, section
from lab.cluster.sim.pki.issuing import moment, pem
from lab.cluster.sim.pki.keys import PrivateKey, public_pem
from lab.cluster.sim.pki.reading import certificates, matches, private_key, public_bytes, requests
from lab.cluster.sim.text.addresses import is_address

__all__ = ["x509_command"]

_VALUED = {
    "in", "out", "inform", "outform", "ext", "checkend", "checkhost", "checkip", "nameopt", "dateopt", "certopt",
    "CA", "CAkey", "CAserial", "days", "set_serial", "extfile", "extensions", "signkey", "key", "passin", "subj",
    "CAform", "keyform", "not_before", "not_after", "sigopt", "copy_extensions",
}  # fmt: skip
_SWITCHES = {
    "noout", "text", "subject", "issuer", "dates", "startdate", "enddate", "serial", "fingerprint", "purpose",
    "hash", "subject_hash", "issuer_hash", "email", "pubkey", "modulus", "req", "CAcreateserial", "alias",
    "new", "clrext", "ocsp_uri", "ocspid", "trustout", "nocert", "x509toreq", "preserve_dates",
}  # fmt: skip
_UNREADABLE = (
    "1608010C:STORE routines:ossl_store_handle_load_result:unsupported:../crypto/store/store_result.c:149:"
)
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512,
    "sha224": hashes.SHA224, "md5": hashes.MD5,
}  # fmt: skip
_DEFAULT_DAYS = 30


async def x509_command(call: Call, argv: list[str]) -> int:
    """Run `openssl x509`."""
    options = parse("x509", argv, _VALUED, _SWITCHES, digests=True)
    for refused in ("x509toreq", "not_before", "not_after", "trustout"):
        if options.on(refused):
            raise NotSimulated(f"openssl x509 -{refused}")
    if options.on("req") or options.on("new"):
        certificate = await _signed(call, options)
    else:
        certificate = await _read(call, options)
        if options.on("signkey") or options.on("key") or options.on("CA"):
            raise NotSimulated("openssl x509 that signs a certificate again")
    lines, code = [], 0
    for name, value in options.given:
        told, bad = _told(call, options, certificate, name, value)
        lines.append(told)
        code = bad or code
    await call.err("".join(line[1:] for line in lines if line.startswith("\0")))
    shown = "".join(line for line in lines if not line.startswith("\0"))
    if not options.on("noout") and not any(options.on(each) for each in ("checkend", "checkhost", "checkip")):
        shown += _encoded(certificate, options)
    await write(call, options.get("out"), shown)
    return code


async def load(call: Call, path: str, what: str) -> x509.Certificate:
    """Return the first certificate of a file; raise `Exit` if there is none."""
    text = await contents(call, path, what)
    found = certificates(text)
    if not found:
        queue = failure(call, _UNREADABLE) if text else ""
        raise Exit(1, f"Could not read {what} from {path or '<stdin>'}{queue}\nUnable to load {what}")
    return found[0]


async def _read(call: Call, options: Options) -> x509.Certificate:
    if options.get("inform").lower() == "der":
        try:
            return x509.load_der_x509_certificate(await call.read_file(options.get("in") or "/dev/stdin"))
        except (OSError, ValueError):
            raise Exit(
                1, f"Could not read certificate from {options.get('in')}\nUnable to load certificate"
            ) from None
    try:
        return await load(call, options.get("in"), "certificate")
    except Exit as end:
        if "Unable to load" in end.message:
            raise
        raise Exit(1, f"{end.message}\nUnable to load certificate") from None


def _encoded(certificate: x509.Certificate, options: Options) -> str:
    if options.get("outform").lower() == "der":
        return certificate.public_bytes(Encoding.DER).decode("latin-1")
    return pem(certificate)


def _told(call: Call, options: Options, certificate: x509.Certificate, name: str, value: str) -> tuple[str, int]:  # noqa: C901, PLR0911, PLR0912 -- a line for each option
    form, dates = options.get("nameopt"), options.get("dateopt")
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    match name:
        case "subject" | "issuer":
            return f"{name}={printing.name(getattr(certificate, name), form)}\n", 0
        case "dates":
            return f"notBefore={printing.date(begins, dates)}\nnotAfter={printing.date(ends, dates)}\n", 0
        case "startdate":
            return f"notBefore={printing.date(begins, dates)}\n", 0
        case "enddate":
            return f"notAfter={printing.date(ends, dates)}\n", 0
        case "serial":
            return f"serial={printing.serial(certificate.serial_number)}\n", 0
        case "fingerprint":
            digest = options.get("digest", "SHA1")
            kind = _DIGESTS.get(digest.lower())
            if kind is None:
                raise Exit(1, f"x509: Unknown option or message digest: {digest}\nx509: Use -help for summary.")
            return f"{digest} Fingerprint={printing.colons(certificate.fingerprint(kind()))}\n", 0
        case "hash" | "subject_hash":
            return f"{printing.canonical_hash(certificate.subject)}\n", 0
        case "issuer_hash":
            return f"{printing.canonical_hash(certificate.issuer)}\n", 0
        case "alias":
            return "<No Alias>\n", 0
        case "pubkey":
            return public_pem(certificate.public_key()), 0  # type: ignore[arg-type]
        case "modulus":
            numbers = certificate.public_key().public_numbers()  # type: ignore[union-attr]
            return f"Modulus={numbers.n:X}\n" if hasattr(numbers, "n") else "Modulus=No modulus for this key\n", 0
        case "text":
            return printing.certificate_text(certificate, options.get("certopt").split(","), form, dates), 0
        case "ext":
            lines = printing.extension_text(certificate.extensions, only=value.split(","))
            known = bool(certificate.extensions)
            return ("".join(f"{line}\n" for line in lines), 0) if lines or not known else (
                "\0No extensions in certificate\n", 0
            )  # fmt: skip
        case "checkend":
            if not value.isdigit():
                raise Exit(1, f'x509: Can\'t parse "{value}" as an integer number\nx509: Use -help for summary.')
            soon = call.now() + int(value) > ends.timestamp()
            return f"Certificate will {'expire' if soon else 'not expire'}\n", int(soon)
        case "checkhost" | "checkip":
            what = "Hostname" if name == "checkhost" else "IP"
            fits = matches(certificate, value) and is_address(value) == (name == "checkip")
            return f"{what} {value} does {'match' if fits else 'NOT match'} certificate\n", 0
        case "purpose" | "email" | "ocsp_uri" | "ocspid" | "nocert":
            if name in {"email", "ocsp_uri"}:
                return "", 0
            raise NotSimulated(f"openssl x509 -{name}")
        case _:
            return "", 0


async def _signed(call: Call, options: Options) -> x509.Certificate:
    """Sign a request, with a CA or with the request's own key."""
    text = await contents(call, options.get("in"), "certificate request input")
    found = requests(text)
    if not found:
        raise Exit(1, f"Could not read certificate request input from {options.get('in')}\n"
                      "Unable to load X509 request")  # fmt: skip
    request = found[0]
    if not request.is_signature_valid:
        raise Exit(1, "Certificate request self-signature did not match the contents")
    await call.err(f"Certificate request self-signature ok\nsubject={printing.name(request.subject)}\n")
    own = options.get("signkey") or options.get("key")
    if own:
        key = private_key(await contents(call, own, "private key"))
        issuer, parent = request.subject, None
    elif options.on("CA"):
        parent = await load(call, options.get("CA"), "CA certificate")
        path = options.get("CAkey") or options.get("CA")
        key, issuer = private_key(await contents(call, path, "CA private key")), parent.subject
    else:
        raise Exit(1, "We need a private key to sign with, use -signkey or -CA or -CAkey with private key")
    if key is None:
        raise Exit(1, f"Could not read CA private key from {options.get('CAkey') or own}")
    if parent is not None and public_bytes(parent.public_key()) != public_bytes(key.public_key()):
        told = failure(call, "05800074:x509 certificate routines:X509_check_private_key:key values mismatch:"
                             "../crypto/x509/x509_cmp.c:405:")  # fmt: skip
        raise Exit(1, f"CA certificate and CA private key do not match{told}")
    return await _built(call, options, request, issuer, key, parent)


async def _built(  # noqa: PLR0917 -- the parts of one certificate
    call: Call, options: Options, request: x509.CertificateSigningRequest, issuer: x509.Name, key: PrivateKey,
    parent: x509.Certificate | None,
) -> x509.Certificate:  # fmt: skip
    days = options.get("days", str(_DEFAULT_DAYS))
    if not days.lstrip("-").isdigit():
        raise Exit(1, f'x509: Can\'t parse "{days}" as an integer number\nx509: Use -help for summary.')
    ends = moment(call.now()) + timedelta(days=int(days))
    # The library makes no certificate that ends before it begins.
    begins = min(moment(call.now()), ends)
    builder = (
        x509.CertificateBuilder().subject_name(request.subject).issuer_name(issuer).public_key(request.public_key())
        .not_valid_before(begins).not_valid_after(ends)
        .serial_number(await _serial(call, options))
    )  # fmt: skip
    wanted = ""
    if options.on("extfile"):
        wanted = section(await contents(call, options.get("extfile"), "extension file"), options.get("extensions"))
    elif options.get("copy_extensions") in {"copy", "copyall"}:
        for each in request.extensions:
            builder = builder.add_extension(each.value, each.critical)
    builder = add_extensions(builder, wanted, request.public_key(), parent)
    digest = _DIGESTS.get(options.get("digest", "sha256").lower(), hashes.SHA256)
    return builder.sign(key, digest())  # type: ignore[arg-type]


async def _serial(call: Call, options: Options) -> int:
    if options.on("set_serial"):
        return int(options.get("set_serial"), 0)
    number = call.world.chance.getrandbits(159) | 1 << 158
    path = options.get("CAserial")
    if options.on("CA") and (options.on("CAcreateserial") or path):
        path = path or options.get("CA").rpartition(".")[0] + ".srl"
        kept = call.files.get(call.path(path)).strip()
        number = int(kept, 16) + 1 if kept else number
        await write(call, path, f"{printing.serial(number)}\n")
    return number
