"""kubectl create configmap and secret: data from words, files, folders and env files."""

import base64
import json
import posixpath
from collections.abc import Iterator

from lab.cluster.sim.api.kinds import skeleton
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.bash.running.call import Call, Exit
from lab.cluster.sim.commands.kubectl.client import Client

__all__ = ["config_map", "secret"]


def _data(call: Call, client: Client) -> dict[str, bytes]:
    data: dict[str, bytes] = {}
    for key, value in [*_literals(client), *_from_files(call, client), *_from_environment(call, client)]:
        if key in data:
            name = client.flags.words[-1]
            kind = "Secret" if client.flags.words[0] == "secret" else "ConfigMap"
            told = f'cannot add key "{key}", another key by that name already exists in Data for {kind} "{name}"'
            raise Exit(1, f"error: {told}")
        data[key] = value
    return data


def _literals(client: Client) -> Iterator[tuple[str, bytes]]:
    for value in client.flags.all("from-literal"):
        key, equals, text = value.partition("=")
        if not equals or not key:
            raise Exit(1, f"error: invalid literal source {value}, expected key=value")
        yield key, text.encode()


def _from_files(call: Call, client: Client) -> Iterator[tuple[str, bytes]]:
    for value in client.flags.all("from-file"):
        key, equals, path = value.rpartition("=")
        inside = call.path(path)
        if not equals and call.files.exists(inside) and not call.files.is_file(inside):
            names = [name for name in call.files.names(inside) if call.files.is_file(f"{inside}/{name}")]
            yield from ((name, call.files.read_bytes(f"{inside}/{name}")) for name in names)
            continue
        try:
            yield key or posixpath.basename(path), call.files.read_bytes(inside)
        except FileNotFoundError:
            raise Exit(1, f"error: error reading {path}: no such file or directory") from None


def _from_environment(call: Call, client: Client) -> Iterator[tuple[str, bytes]]:
    for path in client.flags.all("from-env-file"):
        try:
            lines = call.files.read(call.path(path)).splitlines()
        except FileNotFoundError:
            raise Exit(1, f"error: error reading {path}: no such file or directory") from None
        for line in lines:
            key, equals, text = line.strip().partition("=")
            if key and not key.startswith("#"):
                yield key, (text if equals else call.env.get(key, "")).encode()


def config_map(call: Call, client: Client, words: list[str]) -> Object:
    """Return a ConfigMap with the data that the flags name."""
    item = skeleton("ConfigMap", words[0])
    data = _data(call, client)
    if data:
        item["data"] = {key: value.decode(errors="replace") for key, value in data.items()}
    return item


def secret(call: Call, client: Client, words: list[str]) -> Object:
    """Return a Secret of the type in the first word."""
    makers = {"generic": _data, "tls": _tls_data, "docker-registry": _registry_data}
    if words[0] not in makers:
        raise Exit(
            1, f"error: unknown command \"{words[0]}\"\nSee 'kubectl create secret -h' for help and examples"
        )
    item = skeleton("Secret", words[1])
    item["data"] = {key: base64.b64encode(value).decode() for key, value in makers[words[0]](call, client).items()}
    kinds = {"tls": "kubernetes.io/tls", "docker-registry": "kubernetes.io/dockerconfigjson"}
    if kind := kinds.get(words[0], client.flags.get("type")):
        item["type"] = kind
    return item


def _tls_data(call: Call, client: Client) -> dict[str, bytes]:
    data = {}
    for key, flag in (("tls.crt", "cert"), ("tls.key", "key")):
        path = client.flags.get(flag)
        if not path:
            raise Exit(1, "error: key and cert must be specified")
        try:
            data[key] = call.files.read_bytes(call.path(path))
        except FileNotFoundError:
            raise Exit(1, f"error: Cannot read file {path}, open {path}: no such file or directory") from None
    return data


def _registry_data(_call: Call, client: Client) -> dict[str, bytes]:
    flags = client.flags
    name, word = flags.get("docker-username"), flags.get("docker-password")
    if not (name and word):
        raise Exit(1, "error: either --from-file or the combination of --docker-username, --docker-password and "
                      "--docker-server is required")  # fmt: skip
    entry = {"username": name, "password": word, "auth": base64.b64encode(f"{name}:{word}".encode()).decode()}
    if mail := flags.get("docker-email"):
        entry["email"] = mail
    server = flags.get("docker-server", "https://index.docker.io/v1/")
    return {".dockerconfigjson": json.dumps({"auths": {server: entry}}, separators=(",", ":")).encode()}
