"""openssl genrsa, genpkey, ecparam, rsa, ec and pkey: private keys and their public parts."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.openssl import printing
from lab.cluster.sim.commands.openssl.command_line import Options, contents, parse, write
from lab.cluster.sim.pki.keys import SIZES, PrivateKey, ec_key, private_pem, public_pem, rsa_key
from lab.cluster.sim.pki.reading import private_key, public_key

__all__ = ["ecparam", "genpkey", "genrsa", "key_command", "new_key"]

_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "prime256v1": ec.SECP256R1, "P-256": ec.SECP256R1, "secp384r1": ec.SECP384R1, "P-384": ec.SECP384R1,
    "secp521r1": ec.SECP521R1, "P-521": ec.SECP521R1,
}  # fmt: skip


def new_key(call: Call, kind: str, size: str) -> PrivateKey:
    """Return a new key: `rsa` with a number of bits, or `ec` with the name of a curve."""
    if kind == "ec":
        if size not in _CURVES:
            raise Exit(1, f"unknown curve name ({size})")
        return ec_key(call.world.chance, _CURVES[size]())
    if not size.isdigit():
        raise Exit(1, f'genrsa: Can\'t parse "{size}" as an integer number\ngenrsa: Use -help for summary.')
    if int(size) not in SIZES:
        raise NotSimulated(f"an RSA key of {size} bits")
    return rsa_key(call.world.chance, int(size))


async def genrsa(call: Call, argv: list[str]) -> int:
    """Make an RSA key."""
    options = parse("genrsa", argv, {"out", "passout"}, {"traditional", "verbose", "f4", "F4", "3"}, most=1)
    key = new_key(call, "rsa", options.words[0] if options.words else "2048")
    await write(call, options.get("out"), private_pem(key, pkcs8=not options.on("traditional")), 0o600)
    return 0


async def genpkey(call: Call, argv: list[str]) -> int:
    """Make a key of any kind."""
    options = parse("genpkey", argv, {"algorithm", "out", "pkeyopt", "outform"}, {"text", "quiet"})
    values = dict(value.split(":", 1) for value in options.all("pkeyopt") if ":" in value)
    match options.get("algorithm").upper():
        case "RSA":
            key = new_key(call, "rsa", values.get("rsa_keygen_bits", "2048"))
        case "EC":
            key = new_key(call, "ec", values.get("ec_paramgen_curve", ""))
        case other:
            raise NotSimulated(f"openssl genpkey -algorithm {other}")
    await write(call, options.get("out"), private_pem(key, pkcs8=True), 0o600)
    return 0


async def ecparam(call: Call, argv: list[str]) -> int:
    """Make a key on a curve."""
    options = parse("ecparam", argv, {"name", "out"}, {"genkey", "noout", "list_curves"})
    if not options.on("genkey") or not options.on("noout"):
        raise NotSimulated("openssl ecparam without -genkey -noout")
    await write(call, options.get("out"), private_pem(new_key(call, "ec", options.get("name"))), 0o600)
    return 0


async def key_command(call: Call, program: str, argv: list[str]) -> int:
    """Run `rsa`, `ec` or `pkey`: print a key, or its public part."""
    options = parse(
        program, argv, {"in", "out", "inform", "outform", "passin"},
        {"noout", "check", "pubout", "pubin", "modulus", "text", "traditional", "text_pub", "pubcheck"},
    )  # fmt: skip
    text = await contents(call, options.get("in"), "public key" if options.on("pubin") else "private key")
    if options.on("pubin"):
        return await _public(call, program, options, text)
    key = private_key(text)
    wanted = {"rsa": rsa.RSAPrivateKey, "ec": ec.EllipticCurvePrivateKey}.get(program)
    if key is None or (wanted and not isinstance(key, wanted)):
        raise Exit(1, f"Could not read private key from {options.get('in') or '<stdin>'}")
    told = ""
    if options.on("text") or options.on("text_pub"):
        if options.on("text"):
            raise NotSimulated(f"openssl {program} -text of a private key")
        told += "".join(f"{line}\n" for line in printing.key_text(key.public_key()))
    if options.on("modulus") and isinstance(key, rsa.RSAPrivateKey):
        told += f"Modulus={key.public_key().public_numbers().n:X}\n"
    if options.on("check"):
        told += {"rsa": "RSA key ok\n", "ec": "EC Key valid.\n"}.get(program, "Key is valid\n")
    if not options.on("noout"):
        if program != "pkey":
            await call.err(f"writing {program.upper()} key\n")
        pkcs8 = program == "pkey" or (program == "rsa" and not options.on("traditional"))
        told += public_pem(key.public_key()) if options.on("pubout") else private_pem(key, pkcs8=pkcs8)
    await write(call, options.get("out"), told, 0o600 if options.on("out") and not options.on("pubout") else None)
    return 0


async def _public(call: Call, program: str, options: Options, text: str) -> int:
    key = public_key(text)
    if key is None:
        raise Exit(1, f"Could not read public key from {options.get('in') or '<stdin>'}")
    told = "".join(f"{line}\n" for line in printing.key_text(key)) if options.on("text") else ""
    if options.on("modulus") and isinstance(key, rsa.RSAPublicKey):
        told += f"Modulus={key.public_numbers().n:X}\n"
    if not options.on("noout"):
        if program != "pkey":
            await call.err(f"writing {program.upper()} key\n")
        told += text[text.index("-----BEGIN") :]
    await write(call, options.get("out"), told)
    return 0
