"""The usual tools work in every container of the app, on every backend."""

import pytest

from lab.lab import Lab

CONTAINERS = ("shop deploy/web", "shop deploy/db", "shop ds/client", "stage ds/probe")
TOOLS = {
    "wget by a short name": "wget -qO- -T 5 -t 1 http://web.shop/hostname",
    "wget by a whole name": "wget -qO- -T 5 -t 1 http://web.shop.svc.cluster.local/hostname",
    "curl": "curl -sS -m 5 http://web.shop/hostname",
}


@pytest.mark.parametrize("where", CONTAINERS)
def test_the_web_answers_each_tool(healthy: Lab, where: str) -> None:
    namespace, workload = where.split()
    for tool, words in TOOLS.items():
        command = ["kubectl", "exec", "-n", namespace, workload, "--", *words.split()]
        ran = healthy.cluster.control_plane.run(command, timeout=30)
        assert (ran.rc, ran.stdout[:4]) == (0, "web-"), (tool, ran)


@pytest.mark.parametrize("where", CONTAINERS)
def test_a_name_that_is_not_there_is_an_error_and_no_crash(healthy: Lab, where: str) -> None:
    namespace, workload = where.split()
    wget = ["wget", "-qO-", "-T", "5", "-t", "1", "http://nobody.shop/"]
    command = ["kubectl", "exec", "-n", namespace, workload, "--", *wget]
    ran = healthy.cluster.control_plane.run(command, timeout=30)
    assert ran.rc == 4, ran  # GNU wget's code for a network failure; a signal would be 128 and more
