"""Docker's command, as these tests use it."""

import subprocess

__all__ = ["docker"]


def docker(*argv: str, check: bool = True) -> str:
    """Return the output of a command of Docker's, which must succeed if `check`."""
    done = subprocess.run(["docker", *argv], check=check, capture_output=True, text=True, timeout=120)
    return done.stdout.strip()
