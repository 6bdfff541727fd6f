"""When a reset need not apply the app's manifests again."""

from unittest.mock import MagicMock

import pytest

from lab import baseline as baselines


@pytest.mark.parametrize(
    "manifest",
    [
        "{kind: ConfigMap, metadata: {name: settings, namespace: shop}}",
        "{kind: Namespace, metadata: {name: shop, labels: {tier: app}}}",
    ],
)
def test_what_a_baseline_does_not_tell_of_is_applied_always(manifest: str) -> None:
    assert not baselines.holds(MagicMock(), MagicMock(), MagicMock(), [manifest])
