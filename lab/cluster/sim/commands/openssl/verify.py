"""openssl verify: chains of certificates."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.openssl import printing
from lab.cluster.sim.commands.openssl.command_line import Options, contents, failure, parse, unread
from lab.cluster.sim.pki.issuing import CLIENT, SERVER
from lab.cluster.sim.pki.reading import Flaw, certificates, chain, flaw, matches

__all__ = ["REASONS", "verify"]

REASONS = {
    2: "unable to get issuer certificate",
    9: "certificate is not yet valid",
    10: "certificate has expired",
    18: "self-signed certificate",
    19: "self-signed certificate in certificate chain",
    20: "unable to get local issuer certificate",
    24: "invalid CA certificate",
    26: "unsuitable certificate purpose",
    62: "hostname mismatch",
    64: "IP address mismatch",
    79: "invalid CA certificate",
}
_VALUED = {
    "CAfile", "CApath", "untrusted", "trusted", "purpose", "attime", "verify_hostname", "verify_ip", "nameopt",
    "verify_depth", "partial_chain_depth",
}  # fmt: skip
_SWITCHES = {"verbose", "show_chain", "x509_strict", "no-CAfile", "no-CApath", "no_check_time", "partial_chain"}


async def verify(call: Call, argv: list[str]) -> int:
    """Run `openssl verify`."""
    options = parse("verify", argv, _VALUED, _SWITCHES, most=len(argv))
    for refused in ("CApath", "x509_strict", "partial_chain"):
        if options.on(refused):
            raise NotSimulated(f"openssl verify -{refused}")
    texts = []
    for path in (*options.all("CAfile"), *options.all("trusted")):
        try:
            texts.append((await call.read_file(path)).decode(errors="replace"))
        except OSError:
            raise Exit(1, f"Error loading file {path}{_unread(call, path)}") from None
    untrusted = [await contents(call, path, "untrusted certificates") for path in options.all("untrusted")]
    code = 0
    for path in options.words or [""]:
        code = max(code, await _one(call, options, path, "\n".join(texts), "\n".join(untrusted)))
    return code


def _unread(call: Call, path: str) -> str:
    return failure(
        call,
        "80000002:system library:BIO_new_file:No such file or directory:../crypto/bio/bss_file.c:67:"
        f"calling fopen({path}, r)",
        "10000080:BIO routines:BIO_new_file:no such file:../crypto/bio/bss_file.c:75:",
        "05880002:x509 certificate routines:X509_load_cert_crl_file_ex:system lib:../crypto/x509/by_file.c:229:",
    )


async def _one(call: Call, options: Options, path: str, roots: str, middle: str) -> int:
    try:
        text = (await call.read_file(path)).decode(errors="replace") if path else await contents(call, "", "")
    except OSError:
        await call.err(f"{unread(call, path, 'certificate file')}\nUnable to load certificate file\n")
        return 2
    found = certificates(text)
    if not found:
        await call.err(f"Could not read certificate file from {path}\nUnable to load certificate file\n")
        return 2
    certificate, trusted = found[0], certificates(roots)
    usage = {"sslserver": SERVER, "sslclient": CLIENT}.get(options.get("purpose"))
    now = float(options.get("attime") or call.now())
    problem = flaw(certificate, trusted, now, untrusted=certificates(middle), usage=usage)
    if problem is not None and problem.number in {9, 10} and options.on("no_check_time"):
        problem = None
    for option, number in (("verify_hostname", 62), ("verify_ip", 64)):
        if problem is None and options.on(option) and not matches(certificate, options.get(option)):
            problem = Flaw(number, 0, certificate)
    named = path or "stdin"
    if problem is not None:
        await call.err(
            f"{printing.name(problem.certificate.subject)}\n"
            f"error {problem.number} at {problem.depth} depth lookup: {REASONS[problem.number]}\n"
            f"error {named}: verification failed\n"
        )
        return 2
    await call.line(f"{named}: OK")
    if options.on("show_chain"):
        await call.line("Chain:")
        for depth, each in enumerate(chain(certificate, trusted, certificates(middle))[0]):
            mark = "" if each in trusted else " (untrusted)"
            await call.line(f"depth={depth}: {printing.name(each.subject)}{mark}")
    return 0
