"""Advice that comes automatically."""

import pytest

from lab.core.coach import Coach


def cut(coach: Coach, text: str, seconds: float, now: float = 100.0) -> str:
    advice = coach.ended(text, 130, seconds, now, silent=True)
    return advice.because if advice else ""


@pytest.mark.parametrize(
    ("text", "seconds", "said"),
    [
        ("curl -k https://kubernetes.default.svc/api", 6, "curl was cut off after 6 s"),
        ("crictl exec 4711 curl -k https://kubernetes.default.svc/api", 19, "curl was cut off"),
        ("kubectl -n shop exec web-1 -- curl http://db:5432", 6, "kubectl was cut off"),
        ("time kubectl get nodes", 25, "give it 60 s"),
        ("k get nodes", 25, "kubectl was cut off"),
        ("KUBECONFIG=/x kubectl get nodes | grep worker", 25, "kubectl was cut off"),
        ("curl http://web", 21, ""),
        ("kubectl get nodes", 61, ""),
        ("curl http://web", 0.4, ""),
        ("sleep 5", 3, ""),
        ("echo 'not closed", 3, ""),
    ],
)
def test_a_wait_that_was_cut_short(text: str, seconds: float, said: str) -> None:
    because = cut(Coach(0), text, seconds)

    assert (said in because) if said else not because


def test_each_kind_once() -> None:
    coach = Coach(0)

    assert cut(coach, "curl http://web", 5)
    assert not cut(coach, "curl http://db", 5)
    assert cut(coach, "kubectl get nodes", 5)


def test_what_printed_something_was_not_cut_short() -> None:
    assert Coach(0).ended("curl http://web", 130, 5, 100, silent=False) is None


REFUSED = "The connection to the server k5-control-plane:6443 was refused"


def failed(coach: Coach, text: str, said: str = REFUSED) -> bool:
    return coach.ended(text, 1, 0.1, 1, silent=not said, said=said) is not None


def test_kubectl_that_gets_no_answer_twice_in_a_row() -> None:
    coach = Coach(0)

    assert not failed(coach, "kubectl get nodes")
    assert coach.ended("kubectl get nodes", 0, 0.1, 2, silent=False) is None
    assert not failed(coach, "kubectl get nodes")
    assert coach.ended("ls /nowhere", 2, 0.1, 4, silent=False) is None
    advice = coach.ended("kubectl get pods", 1, 0.1, 5, silent=True)

    assert advice is not None
    assert advice.occasion == "kubectl-failed"
    assert not failed(coach, "kubectl get pods")


@pytest.mark.parametrize(
    "said",
    [
        "Error from server (Timeout): the server was unable to return a response in the time allotted",
        "Unable to connect to the server: stream error: stream ID 1; INTERNAL_ERROR; received from peer",
        "Error from server: etcdserver: mvcc: database space exceeded",
        "Error from server: rpc error: code = Unavailable desc = error reading from server: EOF",
        REFUSED,
    ],
)
def test_what_tells_that_the_api_server_or_etcd_was_not_reached(said: str) -> None:
    coach = Coach(0)

    assert not failed(coach, "k get nodes", said)
    assert failed(coach, "k get nodes", said)


@pytest.mark.parametrize(
    "said",
    [
        'error: unknown command "gte" for "kubectl"',
        'Error from server (NotFound): pods "wbe" not found',
        'error: the server doesn\'t have a resource type "pdos"',
        "error: timed out waiting for the condition on pods/web",
        'Error from server (Forbidden): pods "x" is forbidden: violates PodSecurity "restricted:latest"',
    ],
)
def test_an_answer_that_is_a_refusal_is_no_silence(said: str) -> None:
    coach = Coach(0)

    assert not any(failed(coach, "kubectl get nodes", said) for _ in range(5))


def test_looking_for_a_static_pod_right_after_its_edit() -> None:
    coach = Coach(0)
    coach.ended("vi /etc/kubernetes/manifests/etcd.yaml", 0, 20, 100, silent=False)

    advice = coach.ended("crictl ps | grep etcd", 1, 0.1, 110, silent=True)

    assert advice is not None
    assert "10 s ago" in advice.because
    assert coach.ended("crictl ps -a", 0, 0.1, 112, silent=False) is None


def test_a_folder_of_manifests_on_a_worker_starts_no_pods() -> None:
    coach = Coach(0)
    coach.ended("rm /etc/kubernetes/manifests/*", 0, 0, 100, silent=True, static_pods=False)

    assert coach.ended("crictl ps", 0, 0.1, 110, silent=False) is None


def test_looking_for_it_late_enough() -> None:
    coach = Coach(0)
    coach.ended("sed -i s/a/b/ /etc/kubernetes/manifests/etcd.yaml", 0, 0, 100, silent=True)

    assert coach.ended("crictl ps", 0, 0.1, 141, silent=False) is None


def test_somebody_who_is_stuck() -> None:
    coach = Coach(0)

    assert coach.idle(899) is None
    coach.progressed(500)
    assert coach.idle(1399) is None
    advice = coach.idle(1400)
    assert advice is not None
    assert advice.occasion == "idle"
    assert coach.idle(1401) is None
    assert coach.idle(2300) is not None
