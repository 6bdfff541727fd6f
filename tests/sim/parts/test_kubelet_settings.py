"""The kubelet's configuration file and flags: what a real kubelet 1.34.4 said of them, and what they change."""

import pytest

from lab.cluster.sim.kubelet.kubelet import Kubelet
from tests.sim.parts.rig import CONFIGURATION, Rig, pod

CONFIG = "/var/lib/kubelet/config.yaml"
LOADING = f"failed to load kubelet config file, path: {CONFIG}, error: failed to load Kubelet config file {CONFIG}"
RUNTIME = "failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint"
DIALING = '"transport: Error while dialing: dial unix: missing address"'
CHECKING = "failed to validate kubelet configuration, error: invalid configuration: "
PATH = ", path: &TypeMeta{Kind:,APIVersion:,}"
KIND, AUTHENTICATION = "KubeletConfiguration", "v1beta1.KubeletAuthentication"
FIELD = f"{LOADING}, error failed to decode: json: cannot unmarshal"


@pytest.fixture
def kubelet(rig: Rig) -> Kubelet:
    found = rig.kubelet(rig.worker)
    rig.advance(1)
    return found


def started_again(rig: Rig, kubelet: Kubelet, added: str, flags: str = "") -> str:
    """Start the kubelet with lines added to its file, and a flag; return its last words."""
    rig.worker.files.write(CONFIG, CONFIGURATION + added)
    if flags:
        rig.worker.files.append(
            "/etc/systemd/system/kubelet.service", f"ExecStart=\nExecStart=kubelet {flags}".encode()
        )
    kubelet.stop()
    rig.worker.journal.entries.clear()
    kubelet.start()
    rig.advance(0.9 if flags else 3)
    lines = [each.message for each in rig.worker.journal.entries if "command failed" in each.message]
    return lines[0].partition(" err=")[2][1:-1].replace('\\"', '"') if lines else ""


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ("registerNode: 1\n", f"{FIELD} number into Go struct field {KIND}.registerNode of type bool"),
        ("port: x\n", f"{FIELD} string into Go struct field {KIND}.port of type int32"),
        (
            "authentication: x\n",
            f"{FIELD} string into Go struct field {KIND}.authentication of type {AUTHENTICATION}",
        ),
        (
            "readOnlyPort: 70000\n",
            f"{CHECKING}readOnlyPort (--read-only-port) 70000 must be between 0 and 65535, inclusive{PATH}",
        ),
        (
            "runtimeRequestTimeout: 2\n",
            f"{FIELD} number into Go struct field {KIND}.runtimeRequestTimeout of type string",
        ),
        ("containerLogMaxFiles: 1\n", f"{CHECKING}containerLogMaxFiles must be greater than 1{PATH}"),
        ("cpuManagerPolicy: nosuch\n", 'failed to run Kubelet: unknown policy: "nosuch"'),
        (
            "containerRuntimeEndpoint: x\n",
            f'{RUNTIME} "x": rpc error: code = Unavailable desc = connection error: desc = {DIALING}',
        ),
        ("Port: 1\nmaxParallelImagePulls: 2\nmemorySwap:\n", ""),
    ],
)
def test_a_wrong_file_ends_the_kubelet_in_its_own_words(rig: Rig, kubelet: Kubelet, added: str, told: str) -> None:
    assert started_again(rig, kubelet, added) == told
    assert kubelet.active == (not told)


def test_wrong_flags_end_it_too(rig: Rig, kubelet: Kubelet) -> None:
    assert started_again(rig, kubelet, "", "--nosuch=1") == "failed to parse kubelet flag: unknown flag: --nosuch"


def test_systemd_starts_it_again_until_the_file_is_right(rig: Rig, kubelet: Kubelet) -> None:
    kubelet.stop()
    rig.worker.systemd.services["kubelet.service"] = kubelet
    rig.worker.files.write(CONFIG, CONFIGURATION + "maxPods: -1\n")
    rig.worker.systemd.start("kubelet.service")
    rig.advance(0.5)
    assert rig.worker.systemd.state("kubelet.service").sub == "auto-restart"
    rig.worker.files.write(CONFIG, CONFIGURATION)
    rig.worker.systemd.run(rig.clock.now() + 2)
    assert rig.worker.systemd.is_active("kubelet.service")
    assert kubelet.active


def test_its_ports_its_room_for_pods_and_its_folder_act(rig: Rig, kubelet: Kubelet) -> None:
    rig.worker.files.write("/other/web.yaml", str(pod("web")).replace("'", '"'))
    told = started_again(rig, kubelet, "maxPods: 3\nhealthzPort: 10300\nstaticPodPath: /other\n")
    rig.advance(15)
    assert (told, rig.worker.served["healthz"]) == ("", ("127.0.0.1", 10300))
    node = rig.admin.get("Node", "", "k5-worker")
    assert node is not None
    assert (node["status"]["capacity"]["pods"], node["status"]["allocatable"]["pods"]) == ("3", "3")
    assert [each["metadata"]["name"] for each in kubelet.static.pods().values()] == ["web-k5-worker"]
    started_again(rig, kubelet, "staticPodPath: /nosuch\n")
    assert kubelet.static.pods() == {}
    assert any("path does not exist, ignoring" in each.message for each in rig.worker.journal.entries)


def test_a_setting_that_does_not_act_is_said_not_to_be_simulated(rig: Rig, kubelet: Kubelet) -> None:
    started_again(rig, kubelet, "evictionHard: {memory.available: 1Gi}\n")
    said = [each.message for each in rig.worker.journal.entries if "not simulated" in each.message]
    assert len(said) == 1
    assert "not simulated: the kubelet's setting evictionHard (use --backend kind)" in said[0]
