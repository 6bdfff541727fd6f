"""openssl: its subcommands."""

import base64
import hashlib

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.openssl.command_line import parse, write
from lab.cluster.sim.commands.openssl.keys import ecparam, genpkey, genrsa, key_command
from lab.cluster.sim.commands.openssl.printing import folded
from lab.cluster.sim.commands.openssl.req import req
from lab.cluster.sim.commands.openssl.s_client import s_client
from lab.cluster.sim.commands.openssl.verify import verify
from lab.cluster.sim.commands.openssl.x509_command import x509_command

__all__ = ["openssl"]

_DIGESTS = {
    "md5": "MD5", "sha1": "SHA1", "sha224": "SHA2-224", "sha256": "SHA2-256", "sha384": "SHA2-384",
    "sha512": "SHA2-512",
}  # fmt: skip
_FUNCTIONS = {
    "x509": x509_command, "verify": verify, "req": req, "s_client": s_client, "genrsa": genrsa, "genpkey": genpkey,
    "ecparam": ecparam,
}  # fmt: skip
#: Subcommands that a real openssl has and this one lacks.
_OTHERS = frozenset(
    (
        "asn1parse",
        "ca",
        "ciphers",
        "cmp",
        "cms",
        "crl",
        "crl2pkcs7",
        "dhparam",
        "dsa",
        "dsaparam",
        "enc",
        "engine",
        "errstr",
        "fipsinstall",
        "gendsa",
        "help",
        "info",
        "kdf",
        "list",
        "mac",
        "nseq",
        "ocsp",
        "passwd",
        "pkcs12",
        "pkcs7",
        "pkcs8",
        "pkeyparam",
        "pkeyutl",
        "prime",
        "rehash",
        "rsautl",
        "s_server",
        "s_time",
        "sess_id",
        "smime",
        "speed",
        "spkac",
        "srp",
        "storeutl",
        "ts",
        "version",
        "base64",
    )
)


async def openssl(call: Call) -> int:
    """Run openssl."""
    if not call.argv:
        raise NotSimulated("openssl without a command")
    name, words = call.argv[0], call.argv[1:]
    try:
        if name in _FUNCTIONS:
            return await _FUNCTIONS[name](call, words)
        if name in {"rsa", "ec", "pkey"}:
            return await key_command(call, name, words)
        if name in _DIGESTS or name == "dgst":
            return await _digest(call, name, words)
        if name == "rand":
            return await _rand(call, words)
        if name in _OTHERS:
            raise NotSimulated(f"openssl {' '.join(call.argv)}")
        raise Exit(1, f"Invalid command '{name}'; type \"help\" for a list.")  # noqa: TRY301 -- likewise
    except Exit as end:
        return await call.fail(end.message, end.code)


async def _digest(call: Call, name: str, argv: list[str]) -> int:
    options = parse(name, argv, {"out"}, {"r", "hex", *_DIGESTS}, most=len(argv))
    kind = next((each for each, _ in options.given if each in _DIGESTS), "sha256" if name == "dgst" else name)
    for path in options.words or [""]:
        data = await call.read_file(path) if path else await call.stdin()
        found = hashlib.new(kind, data, usedforsecurity=False).hexdigest()
        told = (
            f"{found} *{path or 'stdin'}" if options.on("r") else f"{_DIGESTS[kind]}({path or 'stdin'})= {found}"
        )
        await call.line(told)
    return 0


async def _rand(call: Call, argv: list[str]) -> int:
    options = parse("rand", argv, {"out"}, {"hex", "base64"}, most=1)
    if not options.words or not options.words[0].isdigit() or not (options.on("hex") or options.on("base64")):
        raise NotSimulated(f"openssl rand {' '.join(argv)}")
    data = bytes.fromhex(call.world.chance.hex(int(options.words[0])))
    text = data.hex() if options.on("hex") else folded(base64.b64encode(data).decode())
    await write(call, options.get("out"), f"{text}\n")
    return 0
