"""Static pods' manifests as kubeadm writes them, changed by the faults."""

from pathlib import Path

import pytest
import yaml

from lab.errors import LabError
from lab.faults.admission import CONFIG_FILE, with_admission
from lab.faults.etcd_quota import with_quota

#: Written by kubeadm 1.34 on a kind node.
FOLDER = Path(__file__).parent / "manifests"
ETCD = (FOLDER / "etcd.yaml").read_text(encoding="utf-8")
API_SERVER = (FOLDER / "kube-apiserver.yaml").read_text(encoding="utf-8")


def command(manifest: str) -> list[str]:
    found: list[str] = yaml.safe_load(manifest)["spec"]["containers"][0]["command"]
    return found


def test_the_quota_is_one_more_flag() -> None:
    changed = with_quota(ETCD, "67108864")
    assert set(command(changed)) - set(command(ETCD)) == {"--quota-backend-bytes=67108864"}
    assert len(changed.splitlines()) == len(ETCD.splitlines()) + 1


def test_a_quota_that_is_there_is_replaced() -> None:
    removed = with_quota(with_quota(ETCD, "67108864"), "")
    assert [flag for flag in command(removed) if "quota" in flag] == ["--quota-backend-bytes="]


def test_the_admission_configuration_is_named_and_mounted() -> None:
    pod = yaml.safe_load(with_admission(API_SERVER))
    container = pod["spec"]["containers"][0]
    assert f"--admission-control-config-file={CONFIG_FILE}" in container["command"]
    mount = next(each for each in container["volumeMounts"] if each["name"] == "admission")
    volume = next(each for each in pod["spec"]["volumes"] if each["name"] == "admission")
    assert CONFIG_FILE.startswith(mount["mountPath"])
    assert volume["hostPath"]["path"] == mount["mountPath"]


def test_it_is_not_added_twice() -> None:
    once = with_admission(API_SERVER)
    assert with_admission(once) == once


@pytest.mark.parametrize("change", [with_admission, lambda text: with_quota(text, "1")])
def test_a_manifest_that_kubeadm_did_not_write_is_refused(change) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with pytest.raises(LabError, match="not as kubeadm writes it"):
        change("apiVersion: v1\nkind: Pod\n")
