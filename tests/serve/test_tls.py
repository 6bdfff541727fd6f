"""An event with TLS: pages, cookies and this machine's commands."""

import http.client
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lab.errors import LabError
from lab.serve.server.certificate import fingerprint, made
from lab.serve.server.run import Listening
from lab.serve.visit.address import Door, trusted
from tests.serve.serving import Serving

EVENT = "schema: 1\ntitle: Secret\nseats: 1\nfaults: [distance]\n"


NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
HOSTS = {"127.0.0.1", "localhost", "192.0.2.7"}


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    served = Serving(tmp_path / "event", EVENT)
    served.begin("--workers", "1", "--tls")
    try:
        yield served
        served.end()
    finally:
        if served.process and served.process.poll() is None:
            served.process.kill()


def test_a_certificate_is_kept_while_it_fits(tmp_path: Path) -> None:
    cert, key = made(tmp_path, HOSTS, NOW)
    first = fingerprint(cert)
    assert len(first.split(":")) == 32
    assert key.stat().st_mode & 0o777 == 0o600
    assert fingerprint(made(tmp_path, {"127.0.0.1"}, NOW + timedelta(days=80))[0]) == first
    assert fingerprint(made(tmp_path, {*HOSTS, "192.0.2.8"}, NOW)[0]) != first
    second = fingerprint(cert)
    assert fingerprint(made(tmp_path, HOSTS, NOW + timedelta(days=89))[0]) != second


def test_an_invalid_certificate_is_reported(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("x", encoding="utf-8")
    with pytest.raises(LabError, match="has no certificate"):
        fingerprint(tmp_path / "cert.pem")
    assert fingerprint(made(tmp_path, HOSTS, NOW)[0])


def test_an_event_listens_again_as_before(tmp_path: Path) -> None:
    assert Listening.before(tmp_path) == Listening()
    listening = Listening(port=0, lan=True, cert=tmp_path / "c", key=tmp_path / "k", workers=3)
    listening.keep(tmp_path, 8443)
    kept = Listening.before(tmp_path)
    assert (kept.port, kept.lan, kept.cert, kept.workers) == (8443, True, tmp_path / "c", 3)
    (tmp_path / "listening.json").write_text("{", encoding="utf-8")
    assert Listening.before(tmp_path) == Listening()


def test_cookies_are_for_tls_alone_and_commands_trust_the_certificate(serving: Serving) -> None:
    assert serving.url.startswith("https://")
    cert = serving.folder / "tls" / "cert.pem"
    # It names the loopback address, so every check can stay on.
    context = ssl.create_default_context(cafile=str(cert))
    serving.until(lambda served: f"Fingerprint:        {fingerprint(cert)}" in served.log, "it is not told")
    for origin, status in ((serving.url, 200), (serving.url.replace("https", "http"), 403)):
        connection = http.client.HTTPSConnection(urlsplit(serving.url).netloc, context=context)
        headers = {"Content-Type": "application/json", "Origin": origin}
        connection.request("POST", "/join", json.dumps({"code": serving.code("seat-001")}), headers)
        answer = connection.getresponse()
        assert answer.status == status
        assert ("Secure" in (answer.getheader("set-cookie") or "")) == (status == 200)
        connection.close()
    with trusted(Door(serving.url), fingerprint(cert)) as door:
        assert door.join(serving.code("seat-001")).secret
    with pytest.raises(LabError, match="a certificate that differs"), trusted(Door(serving.url), "00" * 32):
        pytest.fail("it is trusted")
    with pytest.raises(LabError, match="is not known"):
        Door(serving.url).join(serving.code("seat-001"))
    done = subprocess.run(
        [sys.executable, "-m", "lab", "event", "start", str(serving.folder)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert serving.state["started"]
