"""wget: GNU's version 1.21 as in Debian's containers, in their locale (POSIX) and without a terminal.

Messages and exit codes are those of a real wget: 4 for the network, 5 a certificate, 6 a password, 8 the server.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.flags import Flags, UnknownFlag, parse
from lab.cluster.sim.commands.node.http_listeners import answer
from lab.cluster.sim.commands.pages import Page
from lab.cluster.sim.commands.server_certificates import shown
from lab.cluster.sim.network.flows import Verdict
from lab.cluster.sim.pki.reading import certificates, flaw
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["wget"]

_VALUED = {
    "-O": "output",
    "--output-document": "output",
    "-P": "folder",
    "--directory-prefix": "folder",
    "-T": "timeout",
    "--timeout": "timeout",
    "--connect-timeout": "connect-timeout",
    "--dns-timeout": "dns-timeout",
    "--read-timeout": "read-timeout",
    "-t": "tries",
    "--tries": "tries",
    "--header": "header",
    "-U": "user-agent",
    "--user-agent": "user-agent",
    "--method": "method",
    "--post-data": "data",
    "--body-data": "data",
    "--ca-certificate": "cacert",
}
_SWITCHES = {
    "-q": "quiet",
    "--quiet": "quiet",
    "-nv": "no-verbose",
    "--no-verbose": "no-verbose",
    "-v": "verbose",
    "--verbose": "verbose",
    "-S": "server-response",
    "--server-response": "server-response",
    "--spider": "spider",
    "--no-check-certificate": "insecure",
    "--content-on-error": "content-on-error",
    "--retry-connrefused": "retry-refused",
    "--no-proxy": "no-proxy",
    "-4": "ipv4",
    "--inet4-only": "ipv4",
}
_USAGE = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"
#: After how many seconds the kernel gives up a connection, and wget gives up an answer.
_CONNECT, _READ = 133.0, 900.0
_LONGEST_PAUSE = 10
#: The speed of a download, in bytes a second: the output must not depend on the simulating machine.
_SPEED = 1_200_000
_DOTS, _GROUP = 50, 10


class _End(Exception):  # noqa: N818 -- it ends one download
    """The download of this URL ends here, with an exit code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class _TryAgain(Exception):  # noqa: N818 -- it ends one try
    """This try has failed; another try may succeed."""


@dataclass(slots=True)
class _Limits:
    """The time limit of each part of a try, in seconds."""

    resolve: float
    connect: float
    read: float

    @classmethod
    def of(cls, flags: Flags) -> "_Limits":
        def seconds(name: str, otherwise: float) -> float:
            option = name if flags.given(name) else "timeout"
            given = flags.get(option)
            try:
                return min(parse_duration(given) or otherwise, otherwise) if given else otherwise
            except ValueError:
                raise Exit(2, f"wget: --{option}: Invalid time period '{given}'") from None

        return cls(
            seconds("dns-timeout", _READ), seconds("connect-timeout", _CONNECT), seconds("read-timeout", _READ)
        )


async def wget(call: Call) -> int:
    """Download pages."""
    try:
        flags = parse(call.argv, _VALUED, _SWITCHES, program="wget")
        limits = _Limits.of(flags)
    except UnknownFlag:
        raise
    except Exit as end:
        return await call.fail(end.message, 2)
    if not flags.words:
        return await call.fail(f"wget: missing URL\n{_USAGE}".rstrip("\n"))
    codes = [await _Download(call, flags, limits, url).run() for url in flags.words]
    # The lowest code that is not a success.
    return min((code for code in codes if code), default=0)


class _Download:
    """One URL's download."""

    def __init__(self, call: Call, flags: Flags, limits: _Limits, url: str) -> None:
        self._call = call
        self._flags = flags
        self._limits = limits
        self._quiet = flags.on("quiet")
        self._brief = flags.on("no-verbose")
        self._spider = flags.on("spider")
        parts = urlsplit(url if "://" in url else f"http://{url}")
        self._parts = parts if parts.path else parts._replace(path="/")
        self._url = self._parts.geturl()
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._address = ""

    async def run(self) -> int:
        """Try until the download succeeds, or has finally failed; return the exit code."""
        if self._parts.scheme not in {"http", "https"}:
            await self._always(f"{self._url}: Unsupported scheme '{self._parts.scheme}'.\n")
            return 1
        tries = int(self._flags.get("tries", "20"))
        if self._spider:
            await self._say("Spider mode enabled. Check if remote file exists.\n")
        number = 0
        while True:
            number += 1
            try:
                await self._try(number)
            except _End as end:
                return end.code
            except _TryAgain:
                await self._say("Giving up.\n\n" if number == tries else "Retrying.\n\n")
                if number == tries:
                    return 4
                await self._call.sleep(min(number, _LONGEST_PAUSE))
            else:
                return 0

    # --- messages ---

    async def _say(self, text: str) -> None:
        """Print a progress message, unless it is switched off."""
        if not self._quiet and not self._brief:
            await self._call.err(text)

    async def _always(self, text: str) -> None:
        """Print a message that only -q suppresses."""
        if not self._quiet:
            await self._call.err(text)

    def _now(self) -> str:
        return datetime.fromtimestamp(self._call.now(), UTC).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def _where(self) -> str:
        """Return the host as the connection message names it."""
        known = self._host == self._address
        return (
            f"{self._host}:{self._port}" if known else f"{self._host} ({self._host})|{self._address}|:{self._port}"
        )

    # --- one try ---

    async def _try(self, number: int) -> None:
        attempt = f"(try:{number:2d})  " if number > 1 else ""
        await self._say(f"--{self._now()}--  {attempt}{self._url}\n")
        if not self._address:
            await self._resolve()
        verdict = await self._connect()
        if self._tls:
            await self._trust(verdict)
        page = await self._ask(verdict)
        await self._judge(page)
        if self._spider:
            await self._say(f"{_length(page)}Remote file exists.\n\n")
        else:
            await self._save(page)

    async def _resolve(self) -> None:
        found = self._call.world.resolver.resolve(self._call.place.source, self._host)
        if found.address == self._host:
            self._address = self._host
            return
        await self._say(f"Resolving {self._host} ({self._host})... ")
        await self._call.sleep(min(found.seconds, self._limits.resolve))
        if found.seconds > self._limits.resolve:
            why = "Connection timed out"
        else:
            why = (
                "Name or service not known" if found.how == "nxdomain" else "Temporary failure in name resolution"
            )
        if not found.address or found.seconds > self._limits.resolve:
            await self._say(f"failed: {why}.\n")
            await self._always(f"wget: unable to resolve host address '{self._host}'\n")
            raise _End(4)
        await self._say(f"{found.address}\n")
        self._address = found.address

    async def _connect(self) -> Verdict:
        await self._say(f"Connecting to {self._where}... ")
        verdict = self._call.world.network.connect(self._call.place.source, self._address, self._port)
        if verdict.open:
            await self._call.sleep(0.01)
            await self._say("connected.\n")
            return verdict
        if verdict.kind == "refused":
            await self._call.sleep(0.01)
            await self._always("failed: Connection refused.\n")
            raise _TryAgain if self._flags.on("retry-refused") else _End(4)
        await self._call.sleep(self._limits.connect)
        await self._always("failed: Connection timed out.\n")
        raise _TryAgain

    async def _trust(self, verdict: Verdict) -> None:
        if verdict.listener is None or not verdict.listener.tls:
            await self._always(
                "GnuTLS: An unexpected TLS packet was received.\nUnable to establish SSL connection.\n"
            )
            raise _End(4)
        chain, given = shown(verdict.listener), self._flags.get("cacert")
        trusted = certificates(self._call.files.get(self._call.path(given))) if given else ()
        if chain and trusted and flaw(chain[0], trusted, self._call.now(), untrusted=chain[1:]) is None:
            return
        insecure = self._flags.on("insecure")
        word = "WARNING" if insecure else "ERROR"
        await self._always(
            f"{word}: The certificate of '{self._host}' is not trusted.\n"
            f"{word}: The certificate of '{self._host}' doesn't have a known issuer.\n"
        )
        if not insecure:
            raise _End(5)

    async def _ask(self, verdict: Verdict) -> Page:
        await self._say("HTTP request sent, awaiting response... ")
        data = self._flags.get("data")
        method = "HEAD" if self._spider else self._flags.get("method") or ("POST" if data else "GET")
        path = self._parts._replace(scheme="", netloc="", fragment="").geturl()
        page = await answer(self._call, self._flags, verdict, method, path, data, self._limits.read)
        if page is None:
            await self._say("Read error (Connection timed out) in headers.\n")
            raise _TryAgain
        if not page.status:
            await self._say("No data received.\n")
            raise _TryAgain
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            **page.headers,
            "Content-Length": str(len(page.body)),
        }
        page.headers = headers
        if self._flags.on("server-response"):
            lines = [f"HTTP/1.1 {page.status} {page.reason}", *(f"{name}: {headers[name]}" for name in headers)]
            await self._always("\n" + "".join(f"  {line}\n" for line in lines))
        else:
            await self._say(f"{page.status} {page.reason}\n")
        return page

    async def _judge(self, page: Page) -> None:
        """Return if the answer is a page; raise the error of any other answer."""
        if page.status < 400:
            return
        if self._flags.on("content-on-error") and not self._spider:
            await self._write(page)
        if page.status == 401:
            await self._say("\nUsername/Password Authentication Failed.\n")
            raise _End(6)
        if self._spider:
            await self._say("Remote file does not exist -- broken link!!!\n\n")
        else:
            await self._always(f"{self._url}:\n" if self._brief else "")
            await self._always(
                f"{self._now()} ERROR {page.status}: {page.reason}.\n" + ("" if self._brief else "\n")
            )
        raise _End(8)

    # --- the file ---

    async def _save(self, page: Page) -> None:
        name = self._name()
        size = len(page.body.encode())
        shown = "STDOUT" if name == "-" else name
        await self._say(f"{_length(page)}Saving to: '{shown}'\n")
        await self._write(page, name)
        await self._say(f"\n{_dots(size)}\n")
        done = "written to stdout" if name == "-" else f"'{name}' saved"
        await self._say(f"{self._now()} ({_rate(size)}) - {done} [{size}/{size}]\n\n")
        if self._brief:
            await self._always(f'{self._now()} URL:{self._url} [{size}/{size}] -> "{name}" [1]\n')

    def _name(self) -> str:
        """Return the name of the output file: `-` for stdout; a new name, unless the user chose one."""
        if self._flags.given("output"):
            return self._flags.get("output")
        folder = self._flags.get("folder")
        last = self._parts.path.rsplit("/", 1)[-1] or "index.html"
        name = (f"{folder.rstrip('/')}/" if folder else "") + last
        name += f"?{self._parts.query}" if self._parts.query else ""
        taken, number = name, 0
        while self._call.files.is_file(self._call.path(taken)):
            number += 1
            taken = f"{name}.{number}"
        return taken

    async def _write(self, page: Page, name: str = "") -> None:
        name = name or self._name()
        if name == "-":
            await self._call.out(page.body)
        elif name != "/dev/null":
            self._call.files.write(self._call.path(name), page.body)


def _length(page: Page) -> str:
    size = len(page.body.encode())
    short = f" ({_short(size)})" if size >= 1024 else ""
    return f"Length: {size}{short} [{page.headers['Content-Type'].partition(';')[0]}]\n"


def _short(size: float) -> str:
    """Return a number of bytes with about three digits."""
    for unit in ("", "K", "M", "G"):
        if size < 1024:
            return f"{size:.{1 if size < 10 and unit else 0}f}{unit}"
        size /= 1024
    return f"{size:.0f}T"


def _speed() -> tuple[str, str]:
    """Return the speed with three digits, and its unit."""
    rate, unit = float(_SPEED), "B"
    for larger in ("K", "M"):
        if rate >= 1024:
            rate, unit = rate / 1024, larger
    return f"{rate:.{0 if rate >= 99.95 else 1 if rate >= 9.995 else 2}f}", unit


def _rate(size: int) -> str:
    digits, unit = _speed()
    return f"{digits} {unit}B/s" if size else "0.00 B/s"


def _dots(size: int) -> str:
    """Return the progress dots, one for each KiB."""
    digits, unit = _speed()
    lines = []
    for first in range(0, max(size, 1), 1024 * _DOTS):
        done = min(size, first + 1024 * _DOTS)
        dots = "." * ((done - first) // 1024)
        groups = "".join(f" {dots[at : at + _GROUP]:<{_GROUP}}" for at in range(0, _DOTS, _GROUP))
        percent = 100 * done // size if size else 100
        took = "=0s" if done == size else " 0s"
        lines.append(f"{first // 1024:6d}K{groups}{percent:3d}% {f'{digits}{unit}':>5}{took}\n")
    return "".join(lines)
