"""A server behind a proxy, as in a Kubernetes cluster: its public address, its health, and its metrics."""

import http.client
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lab.errors import LabError, UsageProblem
from lab.serve.origin import origin_of
from lab.serve.post import SERVER
from lab.serve.server.certificate import made
from lab.serve.server.run import Listening, _token, hold
from lab.store import now
from tests.serve.doors import Doors, doors, event_in

PUBLIC = "https://class.example.com"
TOKEN = "a-long-random-word"  # noqa: S105 -- of a test


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Doors]:
    with doors(tmp_path / "event", public=PUBLIC, metrics_token=TOKEN) as found:
        yield found


def joined(at: Doors, *, host: str, origin: str) -> http.client.HTTPResponse:
    """Join as the instructor, as a proxy passes it on."""
    connection = http.client.HTTPConnection(urlsplit(at.url).netloc, timeout=30)
    headers = {"Host": host, "Origin": origin, "Content-Type": "application/json"}
    connection.request("POST", "/join", json.dumps({"code": at.hall.state.code}), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_pages_of_the_public_address_are_accepted_and_its_cookie_is_for_tls_only(proxied: Doors) -> None:
    answer = joined(proxied, host="class.example.com", origin=PUBLIC)
    assert answer.status == 200
    assert "secure" in (answer.getheader("set-cookie") or "").lower()


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("class.example.com", "http://class.example.com"),
        ("class.example.com", "https://other.example.com"),
        ("other.example.com", "https://other.example.com"),
        ("127.0.0.1", PUBLIC),
    ],
)
def test_another_address_is_refused(proxied: Doors, host: str, origin: str) -> None:
    assert joined(proxied, host=host, origin=origin).status == 403


def test_the_servers_own_address_works_as_well(proxied: Doors) -> None:
    assert joined(proxied, host=urlsplit(proxied.url).netloc, origin=proxied.url).status == 200


def test_the_server_is_healthy_before_its_workers_are_ready(proxied: Doors) -> None:
    assert proxied.get("/healthz") == (200, "ok\n")
    assert proxied.get("/readyz")[0] == 503
    for link in proxied.hall.crew.links:
        link.starts = 1
    assert proxied.get("/readyz") == (200, "ready\n")


def test_metrics_open_by_their_token(proxied: Doors) -> None:
    status, body = proxied.get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    assert "kluster_seats" in body
    for wrong in ("Bearer another", f"Basic {TOKEN}", "Bearer "):
        assert proxied.get("/metrics", Authorization=wrong)[0] == 403


def test_without_a_token_no_bearer_opens_the_metrics(tmp_path: Path) -> None:
    with doors(tmp_path / "event") as found:
        assert found.get("/metrics", Authorization="Bearer ")[0] == 403


def test_a_token_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert _token(Listening(metrics_token=file)) == TOKEN
    file.write_text("x" * 1000 + "\r\n")
    assert _token(Listening(metrics_token=file)) == "x" * 1000
    for wrong in ("\n", "two\nlines", "two words", "x" * 1001, "\u00e9t\u00e9", "\ufeffword"):
        file.write_text(wrong)
        with pytest.raises(LabError, match="has no token"):
            _token(Listening(metrics_token=file))
    with pytest.raises(LabError, match="has no token"):
        _token(Listening(metrics_token=Path("/dev/zero")))
    for unreadable in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(LabError, match="can't be read") as problem:
            _token(Listening(metrics_token=unreadable))
        assert "Errno" not in problem.value.detail


def test_an_event_does_not_begin_with_a_token_that_can_not_be_read(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "event")
    with pytest.raises(LabError, match="can't be read"):
        hold(folder, Listening(port=0, metrics_token=tmp_path / "nowhere"), lambda _url, _hall: None)
    assert not folder.begun


def test_an_event_does_not_begin_with_a_wrong_certificate(tmp_path: Path) -> None:
    cert, _ = made(tmp_path / "one", {"localhost"}, now())
    _, key = made(tmp_path / "other", {"localhost"}, now())
    folder = event_in(tmp_path / "event")
    for wrong, said in ((key, "is not the key"), (tmp_path / "nowhere", "can't be read")):
        with pytest.raises(LabError, match=said):
            hold(folder, Listening(port=0, cert=cert, key=wrong), lambda _url, _hall: None)
    with pytest.raises(LabError, match="has no certificate"):
        hold(folder, Listening(port=0, cert=key, key=key), lambda _url, _hall: None)
    assert not folder.begun


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_server_listens_ends_it_normally(tmp_path: Path, number: signal.Signals) -> None:
    folder = event_in(tmp_path / "event")
    before = signal.getsignal(number)
    try:
        hold(folder, Listening(port=0, workers=1), lambda _url, _hall: signal.raise_signal(number))
    except KeyboardInterrupt:
        pytest.fail("it was interrupted")
    assert signal.getsignal(number) is before
    assert not (folder.path / SERVER).exists()


def test_how_it_listens_is_kept_for_a_resume(tmp_path: Path) -> None:
    listening = Listening(port=8005, lan=True, public=PUBLIC, metrics_token=tmp_path / "token")
    listening.keep(tmp_path, 8005)
    assert Listening.before(tmp_path) == listening


@pytest.mark.parametrize(
    "url",
    [
        "class.example.com",
        "ftp://x",
        "https://",
        "https://x/path",
        "https://u@x",
        "https://x:port",
        "https://[x",
        "",
        "https://x y",
        "https://x\n.y",
        " https://x",
        "https://x\\y",
        "https://-x",
        "https://x..y",
        "https://x:0",
        "https://x:70000",
        "https://x;y",
        "https://[1:2]",
        "https://" + "x" * 254,
        "https://\u00e9" + "x" * 64,
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageProblem, match="not the address of a server"):
        origin_of(url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Class.Example.com/", PUBLIC),
        ("http://localhost:8080", "http://localhost:8080"),
        # What browsers send in the header Origin: no default port, names in ASCII, short addresses.
        ("https://x:443", "https://x"),
        ("http://x:080", "http://x"),
        ("https://x:80", "https://x:80"),
        ("https://x:", "https://x"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
        ("https://[0:0::1]:8005", "https://[::1]:8005"),
    ],
)
def test_an_address_becomes_an_origin(url: str, origin: str) -> None:
    assert origin_of(url) == origin
