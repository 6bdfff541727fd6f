"""The Docker SDK's client, over connections that close the sockets they open.

The SDK (7.1) leaves a refused socket to the garbage collector. While Docker is down, each request opens another
one.
"""

import contextlib
import socket
from typing import Any

import docker
from docker.transport import UnixHTTPAdapter
from docker.transport.unixconn import UnixHTTPConnection, UnixHTTPConnectionPool

from lab.cluster.kind.docker_host import DockerHost

__all__ = ["connect"]


def connect(host: DockerHost, timeout: float) -> Any:  # noqa: ANN401 -- the SDK has no types
    """Return a client of the engine at `host`, which may take `timeout` s for an answer.

    Raises:
        OSError, docker.errors.DockerException: the engine does not answer.

    """
    path = host.socket
    if path:
        with contextlib.closing(_connected(str(path), timeout)):
            pass  # the SDK's own message is long
    client = docker.APIClient(base_url=host.url, version="auto", timeout=timeout)
    if path:
        client.mount("http+docker://", _Adapter(f"http+unix://{path}", timeout))
    return client


def _connected(path: str, timeout: float) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.settimeout(timeout)
        opened.connect(path)
    except BaseException:
        opened.close()
        raise
    return opened


class _Connection(UnixHTTPConnection):
    def connect(self) -> None:
        self.sock = _connected(self.unix_socket, self.timeout)


class _Pool(UnixHTTPConnectionPool):
    def _new_conn(self) -> _Connection:
        return _Connection(self.base_url, self.socket_path, self.timeout)


class _Adapter(UnixHTTPAdapter):
    def get_connection(self, url: str, proxies: object = None) -> _Pool:  # noqa: ARG002 -- as requests calls it
        with self.pools.lock:
            pool: _Pool | None = self.pools.get(url)
            if pool is None:
                pool = _Pool(url, self.socket_path, self.timeout, maxsize=self.max_pool_size)
                self.pools[url] = pool
            return pool
