"""wget in the simulator's containers prints the messages of GNU's 1.21.3 (recorded on Debian 12), with its exit
codes.
"""

import re

import pytest

from lab.cluster.base import Result
from tests.sim.driving import Driver

WEB = "10.96.80.10"


def wget(driver: Driver, words: str) -> Result:
    """Run it in the client's pod; times and web's address are removed from the output."""
    ran = driver.run(f"kubectl exec -n shop ds/client -- wget {words}")
    said = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "NOW", ran.stderr)
    address = driver.out("kubectl get service -n shop web -o jsonpath={.spec.clusterIP}")
    said = said.replace(address, "WEB").replace("command terminated with exit code", "ended in")
    return Result(ran.argv, ran.rc, ran.stdout, said, ran.seconds, ran.node)


FOUND = "--NOW--  http://web/hostname\nResolving web (web)... WEB\nConnecting to web (web)|WEB|:80... connected.\n"
SENT = "HTTP request sent, awaiting response... "


def test_quietly_it_prints_the_page(driver: Driver) -> None:
    for words in (
        "-qO- http://web/hostname",
        "-q -O - -T 3 -t 1 web/hostname",
        "-qO- --timeout=2 http://web.shop/hostname",
    ):
        ran = wget(driver, words)
        assert (ran.rc, ran.stderr) == (0, ""), words
        assert ran.stdout.startswith("web-")


def test_it_tells_each_step(driver: Driver) -> None:
    ran = wget(driver, "-O- http://web/hostname")
    name = ran.stdout
    size = len(name)
    assert ran.rc == 0
    assert ran.stderr == (
        f"{FOUND}{SENT}200 OK\nLength: {size} [text/plain]\nSaving to: 'STDOUT'\n\n"
        f"     0K{' ' * 55}100% 1.14M=0s\n\nNOW (1.14 MB/s) - written to stdout [{size}/{size}]\n\n"
    )


def test_it_saves_a_file_that_is_not_there_yet(driver: Driver) -> None:
    script = (
        "wget -q http://web/hostname; wget http://web/hostname; wget -nv -O it http://web/hostname; cat hostname.1"
    )
    ran = driver.run(f"kubectl exec -n shop ds/client -- sh -c 'cd /tmp; {script}'")
    assert ran.stdout.startswith("web-")
    assert "Saving to: 'hostname.1'\n" in ran.stderr
    assert "'hostname.1' saved [" in ran.stderr
    assert re.search(r'URL:http://web/hostname \[\d+/\d+\] -> "it" \[1\]\n', ran.stderr)


def insecure(host: str, word: str) -> str:
    return (
        f"{word}: The certificate of '{host}' is not trusted.\n"
        f"{word}: The certificate of '{host}' doesn't have a known issuer.\n"
    )


NOWHERE = """--NOW--  http://nowhere/
Resolving nowhere (nowhere)... failed: Name or service not known.
wget: unable to resolve host address 'nowhere'
"""
REFUSED = "--NOW--  http://127.0.0.1:81/\nConnecting to 127.0.0.1:81... failed: Connection refused.\n"
SPIDER = f"""Spider mode enabled. Check if remote file exists.
{FOUND}{SENT}200 OK
Length: SIZE [text/plain]
Remote file exists.

"""
API = "kubernetes.default"
UNTRUSTED = f"""--NOW--  https://{API}/api
Resolving {API} ({API})... 10.96.0.1
Connecting to {API} ({API})|10.96.0.1|:443... connected.
{insecure(API, "ERROR")}"""
FORBIDDEN = f"""--NOW--  https://10.96.0.1/api
Connecting to 10.96.0.1:443... connected.
{insecure("10.96.0.1", "WARNING")}{SENT}403 Forbidden
NOW ERROR 403: Forbidden.

"""
USAGE = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("-t 1 http://nowhere/", 4, NOWHERE),
        ("http://127.0.0.1:81", 4, REFUSED),
        ("-q http://127.0.0.1:81", 4, ""),
        ("-nv http://127.0.0.1:81", 4, "failed: Connection refused.\n"),
        ("--spider http://web/hostname", 0, SPIDER),
        (f"-O- https://{API}/api", 5, UNTRUSTED),
        ("-O- --no-check-certificate https://10.96.0.1/api", 8, FORBIDDEN),
        ("-T x http://web/", 2, "wget: --timeout: Invalid time period 'x'\n"),
        ("", 1, f"wget: missing URL\n{USAGE}"),
    ],
)
def test_ends(driver: Driver, words: str, code: int, said: str) -> None:
    ran = wget(driver, words)
    assert ran.rc == code
    found = re.sub(r"Length: \d+", "Length: SIZE", ran.stderr)
    assert found == said + (f"ended in {code}\n" if code else "")


def test_what_gets_no_answer_is_tried_again(driver: Driver) -> None:
    ran = wget(driver, "-T 1 -t 2 -O- http://192.0.2.1/")
    assert ran.rc == 4
    failed = "Connecting to 192.0.2.1:80... failed: Connection timed out.\n"
    assert ran.stderr == (
        f"--NOW--  http://192.0.2.1/\n{failed}Retrying.\n\n"
        f"--NOW--  (try: 2)  http://192.0.2.1/\n{failed}Giving up.\n\nended in 4\n"
    )
    assert 3 <= ran.seconds < 4
