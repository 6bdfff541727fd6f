"""Times as programs print them."""

from datetime import UTC, datetime

__all__ = ["iso", "klog_time", "rfc3339"]


def iso(seconds: float) -> str:
    """Return `2025-11-22T10:11:12.000123Z` for a time in s since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def klog_time(seconds: float) -> str:
    """Return `1122 10:11:12.000123`, which stands behind the level in Kubernetes' own logs."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%m%d %H:%M:%S.%f")


def rfc3339(seconds: float) -> str:
    """Return `2025-11-22T10:11:12Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
