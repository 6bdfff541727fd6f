"""openssl s_client: what a server shows of its certificate. It sends nothing."""

import re
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.openssl import printing
from lab.cluster.sim.commands.openssl.command_line import Options, failure, parse
from lab.cluster.sim.commands.openssl.verify import REASONS
from lab.cluster.sim.commands.server_certificates import client_authority, shown
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.pki.issuing import pem
from lab.cluster.sim.pki.reading import Flaw, certificates, flaw

__all__ = ["s_client"]

_VALUED = {"connect", "CAfile", "cert", "key", "servername", "verify", "host", "port", "alpn", "CApath"}
_SWITCHES = {"showcerts", "brief", "quiet", "tls1_2", "tls1_3", "no_ign_eof", "ign_eof", "prexit", "verify_quiet",
             "noservername", "verify_return_error", "4"}  # fmt: skip
_REFUSED = (
    "8000006F:system library:BIO_connect:Connection refused:../crypto/bio/bio_sock2.c:117:calling connect()",
    "10000067:BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:119:",
)
_UNKNOWN_NAME = (
    "10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:746:Name or service not known"
)
_PATIENCE = 133.0


async def s_client(call: Call, argv: list[str]) -> int:
    """Run `openssl s_client`."""
    options = parse("s_client", argv, _VALUED, _SWITCHES, most=1)
    if options.on("CApath") or options.on("alpn"):
        raise NotSimulated(f"openssl s_client {' '.join(argv)}")
    where = options.get("connect") or (options.words[0] if options.words else "localhost:4433")
    host, _, port = where.rpartition(":")
    listener = await _connected(call, host.strip("[]"), port)
    chain = shown(listener) if listener.tls else ()
    if not chain:
        await _no_tls(call)
    await _report(call, options, listener, chain)
    # A server closes a connection on which nothing comes, or the user does.
    if not options.on("quiet"):
        await call.stdin()
        await call.err("DONE\n")
    return 0


async def _connected(call: Call, host: str, port: str) -> Listener:
    found = call.world.resolver.resolve(call.place.source, host)
    await call.sleep(found.seconds)
    if not found.address:
        raise Exit(1, f"{failure(call, _UNKNOWN_NAME)[1:]}\nconnect:errno=22")
    if not re.fullmatch(r"\d+", port):
        raise NotSimulated(f"openssl s_client with the port {port}")
    verdict = call.world.network.connect(call.place.source, found.address, int(port))
    if verdict.open and verdict.listener is not None:
        return verdict.listener
    if verdict.kind != "refused":
        await call.sleep(_PATIENCE)
        why = _REFUSED[0].replace("8000006F", "8000006E").replace("refused", "timed out")
        raise Exit(1, f"{failure(call, why, _REFUSED[1])[1:]}\nconnect:errno=110")
    raise Exit(1, f"{failure(call, *_REFUSED)[1:]}\nconnect:errno=111")


async def _no_tls(call: Call) -> None:
    await call.out(
        "CONNECTED(00000003)\n---\nno peer certificate available\n---\nNo client certificate CA names sent\n---\n"
        "SSL handshake has read 5 bytes and written 297 bytes\nVerification: OK\n---\n"
        "New, (NONE), Cipher is (NONE)\n"
        "Secure Renegotiation IS NOT supported\nCompression: NONE\nExpansion: NONE\nNo ALPN negotiated\n"
        "Early data was not sent\nVerify return code: 0 (ok)\n---\n"
    )
    told = failure(
        call, "0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:"
    )
    raise Exit(1, told[1:])


async def _report(call: Call, options: Options, listener: Listener, chain: Sequence[x509.Certificate]) -> None:
    trusted = certificates((await call.read_file(options.get("CAfile"))).decode()) if options.on("CAfile") else ()
    problem = flaw(chain[0], trusted, call.now(), untrusted=chain[1:])
    final = 0 if problem is None else problem.number
    if problem is not None and final == 20:
        final = 21 if len(chain) == 1 else 20
    reason = {0: "ok", 21: "unable to verify the first certificate", **REASONS}[final]
    unnamed = not options.on("servername") and re.fullmatch(r"[\d.:\[\]]+", options.get("connect"))
    await call.err("Can't use SSL_get_servername\n" if unnamed else "")
    if options.on("brief"):
        if problem is not None:
            await call.err(_verified(chain, trusted, problem).partition("\nverify return:1")[0] + "\n")
        await call.err(_brief(chain[0], final, reason))
        return
    await call.err(_verified(chain, trusted, problem))
    if options.on("quiet"):
        return
    await call.out(_details(options, listener, chain, final, reason))


def _verified(chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], problem: Flaw | None) -> str:
    """Return the lines that are printed while the chain is checked."""
    leaf = printing.name(chain[0].subject)
    if problem is None:
        whole = [*chain, *(each for each in trusted if each.subject == chain[-1].issuer and each not in chain)]
        lines = [f"depth={at} {printing.name(each.subject)}\nverify return:1" for at, each in enumerate(whole)]
        return "\n".join(reversed(lines)) + "\n"
    name = printing.name(problem.certificate.subject)
    reason = REASONS[problem.number]
    lines = [f"depth={problem.depth} {name}\nverify error:num={problem.number}:{reason}\nverify return:1"]
    if problem.number == 20 and len(chain) == 1:
        lines.append(
            f"depth=0 {leaf}\nverify error:num=21:unable to verify the first certificate\nverify return:1"
        )
        lines.append(f"depth=0 {leaf}\nverify return:1")
    elif problem.number in {9, 10}:
        which = "notBefore" if problem.number == 9 else "notAfter"
        at = (
            problem.certificate.not_valid_before_utc
            if problem.number == 9
            else problem.certificate.not_valid_after_utc
        )
        lines = [lines[0].replace("\nverify return:1", f"\n{which}={printing.date(at)}\nverify return:1")]
        lines.append(f"depth=0 {leaf}\n{which}={printing.date(at)}\nverify return:1")
    else:
        lines += [
            f"depth={at} {printing.name(each.subject)}\nverify return:1"
            for at, each in reversed(list(enumerate(chain)))
        ]
    return "\n".join(lines) + "\n"


def _key_type(certificate: x509.Certificate) -> tuple[str, int]:
    key = certificate.public_key()
    size = int(getattr(key, "key_size", 0))
    return ("rsaEncryption" if isinstance(key, rsa.RSAPublicKey) else "id-ecPublicKey"), size


def _brief(certificate: x509.Certificate, final: int, reason: str) -> str:
    checked = "Verification: OK" if not final else f"Verification error: {reason}"
    return (
        "CONNECTION ESTABLISHED\nProtocol version: TLSv1.3\nCiphersuite: TLS_AES_128_GCM_SHA256\n"
        f"{_SHARED}\nPeer certificate: {printing.name(certificate.subject)}\nHash used: SHA256\n"
        "Signature type: RSA-PSS\n"
        f"{checked}\nServer Temp Key: X25519, 253 bits\n"
    )


def _details(
    options: Options, listener: Listener, chain: Sequence[x509.Certificate], final: int, reason: str
) -> str:
    lines = ["CONNECTED(00000003)", "---", "Certificate chain"]
    for at, each in enumerate(chain):
        kind, size = _key_type(each)
        begins, ends = printing.date(each.not_valid_before_utc), printing.date(each.not_valid_after_utc)
        lines += [
            f" {at} s:{printing.name(each.subject)}",
            f"   i:{printing.name(each.issuer)}",
            f"   a:PKEY: {kind}, {size} (bit); sigalg: RSA-SHA256",
            f"   v:NotBefore: {begins}; NotAfter: {ends}",
        ]
        if options.on("showcerts"):
            lines.append(pem(each).rstrip())
    own = chain[0]
    lines += ["---", "Server certificate", *([pem(own).rstrip()] if not options.on("showcerts") else [])]
    lines += [f"subject={printing.name(own.subject)}", f"issuer={printing.name(own.issuer)}", "---"]
    if listener.kind in {"apiserver", "etcd", "kubelet", "healthz"}:
        lines.append("Acceptable client certificate CA names")
        names = [printing.name(each.subject) for each in certificates(client_authority(listener))]
        lines += [*names, *(["CN = front-proxy-ca"] if listener.kind in {"apiserver", "healthz"} else [])]
        lines.append(_ALGORITHMS)
    else:
        lines.append("No client certificate CA names sent")
    size = sum(len(each.public_bytes(Encoding.DER)) for each in chain)
    checked = "Verification: OK" if not final else f"Verification error: {reason}"
    lines += [
        "Peer signing digest: SHA256", "Peer signature type: RSA-PSS", "Server Temp Key: X25519, 253 bits", "---",
        f"SSL handshake has read {size + 655} bytes and written 391 bytes", checked, "---",
        "New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256", f"Server public key is {_key_type(own)[1]} bit",
        "Secure Renegotiation IS NOT supported", "Compression: NONE", "Expansion: NONE", "No ALPN negotiated",
        "Early data was not sent", f"Verify return code: {final} ({reason})", "---", "",
    ]  # fmt: skip
    return "\n".join(lines)


_SHARED = (
    "Requested Signature Algorithms: RSA-PSS+SHA256:ECDSA+SHA256:ed25519:RSA-PSS+SHA384:RSA-PSS+SHA512:"
    "ECDSA+SHA384:ECDSA+SHA512"
)
_ALGORITHMS = f"{_SHARED}\nShared {_SHARED}"
