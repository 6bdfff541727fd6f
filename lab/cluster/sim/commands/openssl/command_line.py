"""OpenSSL's command lines: options in their order, files, and what it says when a file is not there."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lab.cluster.sim.bash.running.call import Call, Exit

__all__ = ["Options", "contents", "failure", "parse", "unread", "write"]


@dataclass(slots=True)
class Options:
    """Options in the order in which they were given, and the words behind them."""

    given: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of an option."""
        return next((value for each, value in reversed(self.given) if each == name), default)

    def all(self, name: str) -> list[str]:
        """Return all values of an option."""
        return [value for each, value in self.given if each == name]

    def on(self, name: str) -> bool:
        """Whether an option was given."""
        return any(each == name for each, _ in self.given)


def parse(program: str, argv: Sequence[str], valued: Collection[str], switches: Collection[str],
          *, digests: bool = False, most: int = 0) -> Options:  # fmt: skip
    """Parse options with one dash or two. With `digests`, an unknown option is the name of a digest."""
    found, words = Options(), list(argv)
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word == "-":
            found.words = [word, *words]
            break
        name, has_value, value = word.removeprefix("-").removeprefix("-").partition("=")
        if name in valued:
            if not has_value and not words:
                raise Exit(1, f"{program}: Option -{name} needs a value\n{program}: Use -help for summary.")
            found.given.append((name, value if has_value else words.pop(0)))
        elif name in switches:
            found.given.append((name, ""))
        elif digests:
            found.given.append(("digest", name))
        else:
            raise Exit(1, f"{program}: Unknown option or cipher: {name}\n{program}: Use -help for summary.")
    if len(found.words) > most:
        raise Exit(1, f'Extra option: "{found.words[most]}"\n{program}: Use -help for summary.')
    return found


def failure(call: Call, *parts: str) -> str:
    """Return lines of OpenSSL's error queue, which begin with the thread's number."""
    thread = hashlib.sha256(str(call.process.pid).encode()).hexdigest()[:8].upper()
    return "".join(f"\n80{thread[:6]}{thread[6:]}7F0000:error:{part}" for part in parts)


_NO_SCHEME = (
    "16000069:STORE routines:ossl_store_get0_loader_int:unregistered scheme:../crypto/store/store_register.c:237:"
    "scheme=file"
)


def unread(call: Call, path: str, what: str) -> str:
    """Return the error for a file that is not there."""
    why = (
        "80000002:system library:file_open:No such file or directory:"
        f"../providers/implementations/storemgmt/file_store.c:268:calling stat({path})"
    )
    return f"Could not open file or uri for loading {what} from {path}{failure(call, _NO_SCHEME, why)}"


async def contents(call: Call, path: str, what: str) -> str:
    """Return the text of a file, or of stdin if there is no path; raise `Exit` if it can't be read."""
    if not path or path in {"-", "/dev/stdin"}:
        return (await call.stdin()).decode(errors="replace")
    try:
        return (await call.read_file(path)).decode(errors="replace")
    except OSError:
        raise Exit(1, unread(call, path, what)) from None


async def write(call: Call, path: str, text: str, mode: int | None = None) -> None:
    """Write to a file, or to stdout if there is no path; raise `Exit` if it can't be written."""
    if not path or path == "-":
        await call.out(text)
        return
    try:
        file = call.open(path, "w")
    except OSError as error:
        why = error.strerror or ""
        told = failure(
            call,
            f"8000000{error.errno}:system library:BIO_new_file:{why}:../crypto/bio/bss_file.c:67:"
            f"calling fopen({path}, w)",
            "10080002:BIO routines:BIO_new_file:system lib:../crypto/bio/bss_file.c:77:",
        )
        raise Exit(1, f'Can\'t open "{path}" for writing, {why}{told}') from None
    try:
        await file.write(call.process, text.encode())
    finally:
        file.release()
    if mode is not None and not path.startswith("/dev/"):
        call.files.system.chmod(call.path(path), mode)


#: The words that stand for an encoding.
FORMS: Mapping[str, str] = {"PEM": "PEM", "pem": "PEM", "DER": "DER", "der": "DER"}
