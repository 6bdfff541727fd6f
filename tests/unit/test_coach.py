"""Advice that comes by itself."""

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


def test_kubectl_that_fails_twice_in_a_row() -> None:
    coach = Coach(0)

    assert coach.ended("kubectl get nodes", 1, 0.1, 1, silent=False) is None
    assert coach.ended("kubectl get nodes", 0, 0.1, 2, silent=False) is None
    assert coach.ended("kubectl get nodes", 1, 0.1, 3, silent=False) is None
    assert coach.ended("ls /nowhere", 2, 0.1, 4, silent=False) is None
    advice = coach.ended("kubectl get pods", 1, 0.1, 5, silent=False)

    assert advice is not None
    assert advice.occasion == "kubectl-failed"
    assert coach.ended("kubectl get pods", 1, 0.1, 6, silent=False) is None


def test_looking_for_a_static_pod_right_after_its_edit() -> None:
    coach = Coach(0)
    coach.ended("vi /etc/kubernetes/manifests/etcd.yaml", 0, 20, 100, silent=False)

    advice = coach.ended("crictl ps | grep etcd", 1, 0.1, 110, silent=True)

    assert advice is not None
    assert "10 s ago" in advice.because
    assert coach.ended("crictl ps -a", 0, 0.1, 112, silent=False) is None


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
