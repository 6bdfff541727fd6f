"""An event by TLS: pages, cookies and this machine's commands."""

import http.client
import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.serve.serving import Serving

EVENT = "schema: 1\ntitle: Secret\nseats: 1\nfaults: [distance]\n"


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl, which makes the certificate")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=class.example"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    served = Serving(tmp_path / "event", EVENT)
    served.begin("--workers", "1", "--cert", str(cert), "--key", str(key))
    try:
        yield served
        served.end()
    finally:
        if served.process and served.process.poll() is None:
            served.process.kill()


def test_cookies_are_for_tls_alone_and_commands_trust_the_certificate(serving: Serving, tmp_path: Path) -> None:
    assert serving.url.startswith("https://")
    context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    context.check_hostname = False
    for origin, status in ((serving.url, 200), (serving.url.replace("https", "http"), 403)):
        connection = http.client.HTTPSConnection(urlsplit(serving.url).netloc, context=context)
        headers = {"Content-Type": "application/json", "Origin": origin}
        connection.request("POST", "/join", json.dumps({"code": serving.code("seat-001")}), headers)
        answer = connection.getresponse()
        assert answer.status == status
        assert ("Secure" in (answer.getheader("set-cookie") or "")) == (status == 200)
        connection.close()
    done = subprocess.run(
        [sys.executable, "-m", "lab", "event", "start", str(serving.folder)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert serving.state["started"]
