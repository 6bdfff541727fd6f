"""curl: requests over the simulated network."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags, parse
from lab.cluster.sim.commands.node.http_listeners import answer
from lab.cluster.sim.commands.pages import Page
from lab.cluster.sim.commands.server_certificates import shown
from lab.cluster.sim.network.flows import Verdict
from lab.cluster.sim.pki.reading import certificates, flaw, matches, pair_problem
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["curl"]

_VALUED = {
    "-m": "max-time",
    "--max-time": "max-time",
    "--connect-timeout": "connect-timeout",
    "-o": "output",
    "--output": "output",
    "-w": "write-out",
    "--write-out": "write-out",
    "-X": "request",
    "--request": "request",
    "-d": "data",
    "--data": "data",
    "--data-binary": "data",
    "-H": "header",
    "--header": "header",
    "--cacert": "cacert",
    "--cert": "cert",
    "-E": "cert",
    "--key": "key",
    "--resolve": "resolve",
    "-A": "user-agent",
    "--retry": "retry",
    "-u": "user",
    "--user": "user",
    "--noproxy": "noproxy",
    "-T": "upload",
    "--interface": "interface",
    "--retry-delay": "retry-delay",
}
_SWITCHES = {
    "-s": "silent",
    "--silent": "silent",
    "-S": "show-error",
    "--show-error": "show-error",
    "-k": "insecure",
    "--insecure": "insecure",
    "-v": "verbose",
    "--verbose": "verbose",
    "-i": "include",
    "--include": "include",
    "-I": "head",
    "--head": "head",
    "-f": "fail",
    "--fail": "fail",
    "-L": "location",
    "--location": "location",
    "-4": "ipv4",
    "-O": "remote",
    "--http1.1": "http1",
    "--http2": "http2",
    "-N": "no-buffer",
    "--compressed": "compressed",
    "-g": "globoff",
    "-q": "q",
    **dict.fromkeys(("-a", "--append", "-l", "--list-only", "-1", "--tlsv1"), "of no effect here"),
}
_METER_HEAD = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n"
)
_METER_START = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
_FOREVER = 300.0
_CONNECT = 133.0


@dataclass(slots=True)
class _Transfer:
    """One transfer, with the values that -w can print."""

    url: str
    code: int = 0
    message: str = ""
    page: Page | None = None
    address: str = ""
    port: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


async def curl(call: Call) -> int:
    """Run curl."""
    try:
        flags = parse(call.argv, _VALUED, _SWITCHES, program="curl")
    except Exit as end:
        return await call.fail(end.message, end.code)
    if not flags.words:
        return await call.fail("curl: try 'curl --help' or 'curl --manual' for more information", 2)
    code = 0
    for url in flags.words:
        code = await _one(call, flags, url)
    return code


async def _one(call: Call, flags: Flags, url: str) -> int:
    began = call.now()
    transfer = _Transfer(url if "://" in url else f"http://{url}")
    metered = not flags.on("silent") and (flags.given("output") or not _on_terminal(call))
    metered = metered and urlsplit(transfer.url).scheme in {"http", "https"}
    if metered:
        await call.err(_METER_HEAD + _METER_START)
    try:
        limit = parse_duration(flags.get("max-time", str(_FOREVER)))
        await _transfer(call, flags, transfer, limit)
    except ValueError:
        return await call.fail("curl: option -m: expected a proper numerical parameter", 2)
    transfer.seconds = call.now() - began + 0.001
    closing = [note for note in transfer.notes if note.startswith("* Closing connection")]
    if flags.on("verbose"):
        await call.err("".join(f"{note}\n" for note in transfer.notes if note not in closing))
    if metered:
        await call.err(_meter(transfer))
    if flags.on("verbose"):
        await call.err("".join(f"{note}\n" for note in closing))
    await _deliver(call, flags, transfer)
    if transfer.code and (not flags.on("silent") or flags.on("show-error")):
        await call.err(f"curl: ({transfer.code}) {transfer.message}\n")
    if flags.given("write-out"):
        await call.out(_told(flags.get("write-out"), transfer))
    return transfer.code


def _on_terminal(call: Call) -> bool:
    """Whether what arrives goes to a terminal, where the meter would be in its way."""
    out = call.process.descriptors.get(1)
    return out is not None and out.terminal


def _meter(transfer: _Transfer) -> str:
    """Return the last line of the progress meter."""
    if transfer.page is None:
        return f"{_METER_START}\n"
    size = len(transfer.page.body.encode())
    speed = int(size / max(transfer.seconds, 0.001))
    share = 100 if size else 0
    never = "--:--:--"
    return (
        f"\r{share:3} {size:5}  {share:3} {size:5}    0     0 {speed:6}      0 {never} {never} {never} {speed:5}\n"
    )


async def _transfer(call: Call, flags: Flags, transfer: _Transfer, limit: float) -> None:
    parts = urlsplit(transfer.url)
    if parts.scheme not in {"http", "https"}:
        transfer.code, transfer.message = 1, f'Protocol "{parts.scheme}" not supported or disabled in libcurl'
        return
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    transfer.port = port
    left = await _resolve(call, flags, transfer, host, port, limit)
    if transfer.code:
        return
    verdict = call.world.network.connect(call.place.source, transfer.address, port)
    transfer.notes.append(f"*   Trying {transfer.address}:{port}...")
    if not verdict.open:
        await _not_connected(call, flags, transfer, verdict, host, port, left)
        return
    transfer.notes.append(f"* Connected to {host} ({transfer.address}) port {port} (#0)")
    await call.sleep(0.01)
    if verdict.listener and verdict.listener.kind == "apiserver" and not await _served(call, transfer, left):
        return
    if flags.get("cacert") == "/dev/stdin":
        flags.values["cacert-text"] = [(await call.stdin()).decode(errors="replace")]
    if parts.scheme == "https" and not _pair_fits(call, flags, transfer):
        return
    if parts.scheme == "https" and not _trusted(call, flags, transfer, verdict, host):
        return
    await _exchange(call, flags, transfer, verdict, parts.path or "/", parts.query, left)


async def _resolve(call: Call, flags: Flags, transfer: _Transfer, host: str, port: int, limit: float) -> float:  # noqa: PLR0917 -- the parts of one call
    """Resolve the host; return the rest of the time limit."""
    for entry in flags.all("resolve"):
        name, number, address = entry.split(":", 2)
        if name in {host, "*"} and number in {str(port), "*"}:
            transfer.address = address.strip("[]")
            return limit
    found = call.world.resolver.resolve(call.place.source, host)
    bound = min(limit, parse_duration(flags.get("connect-timeout", str(_FOREVER))))
    if found.seconds >= bound:
        await call.sleep(bound)
        transfer.code, transfer.message = 28, f"Resolving timed out after {bound * 1000:.0f} milliseconds"
        return 0.0
    await call.sleep(found.seconds)
    transfer.address = found.address
    if not found.address:
        transfer.code, transfer.message = 6, f"Could not resolve host: {host}"
        transfer.notes += [f"* Could not resolve host: {host}", "* Closing connection 0"]
    return limit - found.seconds


async def _served(call: Call, transfer: _Transfer, left: float) -> bool:
    """Wait for an API server that accepts connections but does not serve yet."""
    waited = 0.0
    while (state := call.plane.api_state()) == "starting" and waited < left:
        step = min(0.5, left - waited)
        await call.sleep(step)
        waited += step
    if waited and state == "refused":
        transfer.code, transfer.message = 35, "Recv failure: Connection reset by peer"
    elif state == "starting":
        transfer.code, transfer.message = 28, f"Connection timed out after {left * 1000:.0f} milliseconds"
    return not transfer.code


async def _not_connected(  # noqa: PLR0917 -- the parts of one call
    call: Call, flags: Flags, transfer: _Transfer, verdict: Verdict, host: str, port: int, left: float
) -> None:  # fmt: skip
    if verdict.kind == "refused":
        await call.sleep(0.01)
        transfer.code = 7
        transfer.message = f"Failed to connect to {host} port {port} after 10 ms: Couldn't connect to server"
        transfer.notes += [
            f"* connect to {transfer.address} port {port} failed: Connection refused",
            f"* {transfer.message}",
            "* Closing connection 0",
        ]
        return
    bound = min(left, parse_duration(flags.get("connect-timeout", str(_CONNECT))), _CONNECT)
    await call.sleep(bound)
    transfer.code = 28
    transfer.message = f"Connection timed out after {bound * 1000:.0f} milliseconds"
    if bound >= _CONNECT:
        transfer.message = (
            f"Failed to connect to {host} port {port} after {bound * 1000:.0f} ms: Couldn't connect to server"
        )
    transfer.notes += [f"* {transfer.message}", "* Closing connection 0"]


def _trusted(call: Call, flags: Flags, transfer: _Transfer, verdict: Verdict, host: str) -> bool:
    listener = verdict.listener
    if listener is None or not listener.tls:
        transfer.code = 35
        transfer.message = "OpenSSL/3.0.17: error:0A00010B:SSL routines::wrong version number"
        return False
    if flags.on("insecure"):
        return True
    path = flags.get("cacert")
    if path and path != "/dev/stdin" and not call.files.is_file(call.path(path)):
        transfer.code = 77
        transfer.message = f"error setting certificate file: {path}"
        return False
    given = flags.get("cacert-text") if path == "/dev/stdin" else call.files.get(call.path(path)) if path else ""
    chain = shown(listener)
    found = flaw(chain[0], certificates(given), call.now(), untrusted=chain[1:]) if chain else None
    if chain and found is None and matches(chain[0], host):
        return True
    reason = "SSL certificate problem: " + _PROBLEMS.get(found.number if found else 19, _UNKNOWN)
    if chain and found is None:
        reason = f"SSL: no alternative certificate subject name matches target host name '{host}'"
    transfer.code, transfer.message = 60, reason + _CA_NOTE
    return False


def _pair_fits(call: Call, flags: Flags, transfer: _Transfer) -> bool:
    """Whether the client's key belongs to its certificate."""
    if not flags.given("cert"):
        return True
    certificate, key = flags.get("cert"), flags.get("key") or flags.get("cert")
    if not certificates(call.files.get(call.path(certificate))):
        transfer.code, transfer.message = (
            58,
            (
                f"could not load PEM client certificate from {certificate}, OpenSSL error "
                "error:80000002:system library::No such file or directory, "
                "(no key found, wrong pass phrase, or wrong file format?)"
            ),
        )
    elif pair_problem(call.files.get(call.path(certificate)), call.files.get(call.path(key))):
        transfer.code, transfer.message = 58, f"unable to set private key file: '{key}' type PEM"
    return not transfer.code


_UNKNOWN = "unable to get local issuer certificate"
_PROBLEMS = {
    9: "certificate is not yet valid",
    10: "certificate has expired",
    18: "self-signed certificate",
    19: "self-signed certificate in certificate chain",
    20: _UNKNOWN,
    26: "unsuitable certificate purpose",
}
_CA_NOTE = """
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above."""


async def _exchange(  # noqa: PLR0917 -- the parts of one call
    call: Call, flags: Flags, transfer: _Transfer, verdict: Verdict, path: str, query: str, left: float
) -> None:  # fmt: skip
    method = "HEAD" if flags.on("head") else flags.get("request") or ("POST" if flags.given("data") else "GET")
    data = flags.get("data")
    if data.startswith("@"):
        data = await call.read(data[1:])
    page = await answer(call, flags, verdict, method, f"{path}?{query}" if query else path, data, left)
    if page is None:
        transfer.code = 28
        transfer.message = f"Operation timed out after {left * 1000:.0f} milliseconds with 0 bytes received"
        return
    if page.status == 0:
        transfer.code, transfer.message = 52, "Empty reply from server"
        return
    transfer.page = page
    transfer.notes += [
        f"> {method} {path} HTTP/1.1",
        f"> Host: {urlsplit(transfer.url).netloc}",
        "> User-Agent: curl/7.88.1",
        "> Accept: */*",
        "> ",
        f"< HTTP/1.1 {page.status} {page.reason}",
        *(f"< {name}: {value}" for name, value in page.headers.items()),
        "< ",
        "* Connection #0 to host left intact",
    ]
    if flags.on("fail") and page.status >= 400:
        transfer.code, transfer.message = 22, f"The requested URL returned error: {page.status}"


async def _deliver(call: Call, flags: Flags, transfer: _Transfer) -> None:
    page = transfer.page
    if page is None or (transfer.code == 22 and flags.on("fail")):
        return
    text = ""
    if flags.on("include") or flags.on("head"):
        headers = "".join(f"{name}: {value}\r\n" for name, value in page.headers.items())
        text = f"HTTP/1.1 {page.status} {page.reason}\r\n{headers}\r\n"
    if not flags.on("head"):
        text += page.body
    path = flags.get("output")
    if path and path != "-":
        if path != "/dev/null":
            call.files.write(call.path(path), text)
    else:
        await call.out(text)


def _told(template: str, transfer: _Transfer) -> str:
    """Return the text of -w with its variables replaced."""
    page = transfer.page
    values = {
        "http_code": f"{page.status if page else 0:03d}",
        "response_code": f"{page.status if page else 0:03d}",
        "time_total": f"{transfer.seconds:.6f}",
        "time_connect": f"{min(transfer.seconds, 0.001):.6f}" if page else "0.000000",
        "time_namelookup": "0.000800",
        "remote_ip": transfer.address if page else "",
        "remote_port": str(transfer.port) if page else "0",
        "url_effective": transfer.url,
        "url": transfer.url,
        "size_download": str(len(page.body)) if page else "0",
        "exitcode": str(transfer.code),
        "errormsg": transfer.message,
        "num_connects": "1" if page else "0",
        "scheme": urlsplit(transfer.url).scheme.upper() if page else "",
        "http_version": "1.1" if page else "0",
        "content_type": page.headers.get("Content-Type", "") if page else "",
    }
    text = re.sub(r"%\{(\w+)\}", lambda match: values.get(match.group(1), ""), template)
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("%%", "%")
