"""A client over HTTPS with a kubeconfig, by Python's own library."""

import base64
import http.client
import json
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

__all__ = ["TABLE", "Client"]

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


class Client:
    """The holder of a kubeconfig; without its certificate, somebody else."""

    def __init__(self, kubeconfig: str, *, certified: bool = True) -> None:
        self.kubeconfig = kubeconfig
        config = yaml.safe_load(kubeconfig)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.port = int(cluster["server"].rpartition(":")[2])
        self.context = ssl.create_default_context(cadata=_decoded(cluster["certificate-authority-data"]))
        if certified:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "pair.pem"
                pair = _decoded(user["client-certificate-data"]) + _decoded(user["client-key-data"])
                file.write_text(pair, encoding="ascii")
                self.context.load_cert_chain(file)

    def connect(self) -> http.client.HTTPSConnection:
        """Return a connection; it is open after the first request."""
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.context)

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Return the code and the object, or the text, of an answer."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        connection = self.connect()
        try:
            connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text.startswith("{") else text
        finally:
            connection.close()

    def watch(self, path: str, headers: Mapping[str, str] | None = None) -> "Events":
        """Begin a watch."""
        connection = self.connect()
        connection.request("GET", path, headers=dict(headers or {}))
        return Events(connection)


class Events:
    """The events of a watch."""

    def __init__(self, connection: http.client.HTTPSConnection) -> None:
        self._connection = connection
        self.answer = connection.getresponse()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while line := self.answer.readline():
            yield json.loads(line)

    def next(self) -> tuple[str, str]:
        """Wait for an event; return its type and its object's name."""
        event = next(iter(self))
        item = event["object"]
        return event["type"], item["rows"][0]["cells"][0] if item["kind"] == "Table" else item["metadata"].get(
            "name"
        )

    def close(self) -> None:
        """End the watch."""
        self.answer.close()
        self._connection.close()


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
