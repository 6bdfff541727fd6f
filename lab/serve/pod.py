"""Start a worker that listens: `python -m lab.serve.pod --labs /labs --keys /keys`, as a pod of deploy/chart does.

It becomes the worker's process with the settings of one, which must be there when Python starts.
"""

import argparse
import os
import sys
from pathlib import Path

from lab.serve.environment import PORT, environment

__all__ = ["main"]


def main() -> None:
    """Become the worker."""
    parser = argparse.ArgumentParser(prog="lab.serve.pod", description="Hold seats for the server of an event.")
    parser.add_argument("--labs", type=Path, required=True, metavar="DIR", help="where the labs are kept")
    parser.add_argument("--keys", type=Path, required=True, metavar="DIR", help="tls.crt, tls.key, peer.crt")
    parser.add_argument("--host", default="", help="the address to listen on; default: all")
    parser.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}; probes are answered on the next")
    given = parser.parse_args()
    worker = [sys.executable, "-m", "lab.serve.worker", "--listen", given.host, str(given.port), str(given.keys)]
    os.execve(sys.executable, worker, environment(given.labs))  # noqa: S606 -- itself


if __name__ == "__main__":
    main()
