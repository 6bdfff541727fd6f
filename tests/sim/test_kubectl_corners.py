"""kubectl's rarer commands, as a real one was seen to answer (tests/conformance/recordings)."""

import base64
import json

import pytest

from tests.sim.driving import Driver


def test_a_dry_drain_leaves_the_pods(driver: Driver) -> None:
    before = driver.out("kubectl get pods -A -o name")
    said = driver.out("kubectl drain k5-worker --ignore-daemonsets --dry-run=client")
    assert said.endswith("node/k5-worker drained (dry run)\n")
    assert driver.out("kubectl get pods -A -o name") == before
    assert "SchedulingDisabled" not in driver.out("kubectl get nodes")


def test_labels_and_annotations_are_listed(driver: Driver) -> None:
    assert driver.out("kubectl label ns shop --list") == "kubernetes.io/metadata.name=shop\n"
    assert driver.out("kubectl annotate deploy web -n shop --list").startswith(
        "deployment.kubernetes.io/revision=1\n"
    )


def test_a_revision_is_shown(driver: Driver) -> None:
    said = driver.out("kubectl -n shop rollout history deploy/web --revision=1")
    assert said.startswith(
        "deployment.apps/web with revision #1\nPod Template:\n  Labels:\tapp=web\n\tpod-template-hash="
    )
    assert driver.run("kubectl -n shop rollout history deploy/web --revision=7").rc == 1
    undo = driver.run("kubectl -n shop rollout undo deploy/web")
    assert undo.stderr == 'error: no rollout history found for deployment "web"\n'


def test_logs_since_leave_out_what_is_older(driver: Driver) -> None:
    driver.cluster.advance(600)
    every = driver.out("kubectl -n shop logs deploy/web").splitlines()
    late = driver.out("kubectl -n shop logs deploy/web --since=10s").splitlines()
    assert 0 < len(late) < len(every)
    assert late == every[-len(late) :]
    assert "must be greater than 0" in driver.run("kubectl -n shop logs deploy/web --since=1ns").stderr


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{len .items}}", "2"),
        ("{{(index .items 0).metadata.name}}", "k5-control-plane"),
        ('{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}', "k5-control-plane\nk5-worker\n"),
        ("{{range $i, $n := .items}}{{$i}}={{$n.metadata.name}} {{end}}", "0=k5-control-plane 1=k5-worker "),
        (
            '{{range .items}}{{if eq .metadata.name "k5-worker"}}{{.spec.podCIDR}}{{else}}-{{end}}{{end}}',
            "-10.244.1.0/24",
        ),
        ("{{with .nosuch}}there{{else}}not there{{end}}", "not there"),
        ('{{range .items}}{{.metadata.name | printf "%s;"}}{{end}}', "k5-control-plane;k5-worker;"),
        ("{{.nosuch}}", "<no value>"),
        ("a {{- .kind -}} b", "aListb"),
        ('{{if and .items (not .nosuch)}}{{print "yes" true}}{{end}}', "yestrue"),
    ],
)
def test_go_templates(driver: Driver, template: str, said: str) -> None:
    assert driver.out(f"kubectl get nodes -o go-template='{template}'") == said
    assert driver.out(f"kubectl get nodes -o template --template='{template}'") == said


def test_a_broken_go_template_is_told(driver: Driver) -> None:
    for template in ("{{range .items}}", "{{.a", "{{nosuch .a}}"):
        found = driver.run(f"kubectl get nodes -o go-template='{template}'")
        assert found.rc == 1
        assert found.stderr


@pytest.mark.parametrize(
    ("command", "path", "value"),
    [
        ("job x --image=busybox -- date", "{.spec.template.spec.containers[0].command[0]}", "date"),
        ("cronjob x --image=busybox --schedule='*/5 * * * *'", "{.spec.schedule}", "*/5 * * * *"),
        ("ingress x --rule='foo.com/a*=svc:80'", "{.spec.rules[0].http.paths[0].pathType}", "Prefix"),
        ("quota x --hard=pods=2,services=1", "{.spec.hard.services}", "1"),
        ("pdb x --selector=app=web --min-available=1", "{.spec.minAvailable}", "1"),
        ("priorityclass x --value=5", "{.value}", "5"),
        ("service nodeport x --tcp=80:8080", "{.spec.type}", "NodePort"),
        (
            "secret docker-registry x --docker-username=u --docker-password=p",
            "{.type}",
            "kubernetes.io/dockerconfigjson",
        ),
    ],
)
def test_objects_made_by_flags(driver: Driver, command: str, path: str, value: str) -> None:
    words, dashes, argv = command.partition(" -- ")
    typed = f"kubectl create {words} --dry-run=client -o jsonpath='{path}'{dashes}{argv}"
    assert driver.out(typed) == value


def test_what_would_run_on_a_real_cluster_is_not_pretended(driver: Driver) -> None:
    said = driver.run("kubectl create job x --image=busybox -- date")
    assert (said.rc, "not simulated" in said.stderr) == (1, True)
    assert driver.out("kubectl get jobs -A") == ""


def test_a_token_is_one(driver: Driver) -> None:
    head, claims, _ = driver.out("kubectl create token default -n shop").strip().split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["typ"] == "JWT"
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"] == "system:serviceaccount:shop:default"
    assert "NotFound" in driver.run("kubectl create token nosuch -n shop").stderr


def test_a_context_has_a_namespace(driver: Driver) -> None:
    assert driver.out("kubectl config set-context --current --namespace=shop") == (
        'Context "kubernetes-admin@k5" modified.\n'
    )
    assert driver.out("kubectl get deploy web -o name") == "deployment.apps/web\n"
    assert driver.out("kubectl config view --minify -o jsonpath='{.contexts[0].context.namespace}'") == "shop"
    driver.out("kubectl config set-context --current --namespace=")
    assert driver.run("kubectl get deploy web").rc == 1
    assert driver.out("kubectl config get-users") == "NAME\nkubernetes-admin\n"


def test_set_changes_pods(driver: Driver) -> None:
    driver.out("kubectl -n shop set resources deploy/web --limits=cpu=1,memory=64Mi")
    limits = driver.out("kubectl -n shop get deploy web -o jsonpath='{..limits}'")
    assert json.loads(limits) == {"cpu": "1", "memory": "64Mi"}
    assert driver.out("kubectl -n shop set env deploy/web A=b") == "deployment.apps/web env updated\n"
    assert driver.out("kubectl -n shop set env deploy/web --list") == "# Deployment web, container web\nA=b\n"
    driver.out("kubectl -n shop set sa deploy/web other")
    assert driver.out("kubectl -n shop get deploy web -o jsonpath='{..serviceAccountName}'") == "other"


@pytest.mark.parametrize(
    "command",
    [
        "cp /etc/hostname shop/nosuch:/x",
        "attach -n shop nosuch",
        "port-forward nosuch 1",
        "debug nosuch --image=x",
        "certificate approve nosuch",
    ],
)
def test_what_is_not_there_is_told_by_the_server(driver: Driver, command: str) -> None:
    assert "NotFound" in driver.run(f"kubectl {command}").stderr


def test_what_is_there_says_that_it_is_not_simulated(driver: Driver) -> None:
    assert "not simulated: kubectl debug" in driver.run("kubectl debug node/k5-worker --image=x").stderr


def test_administrators_may_do_all(driver: Driver) -> None:
    rows = [line.split() for line in driver.out("kubectl auth can-i --list").splitlines()]
    assert rows[1] == ["*.*", "[]", "[]", "[*]"]
    assert rows[2] == ["[*]", "[]", "[*]"]


def test_a_service_has_no_other_ports(driver: Driver) -> None:
    inside = "crictl exec $(crictl ps -q --name '^client$')"
    assert driver.run(f"{inside} curl -sS -m 2 http://web.shop:81").stderr.startswith(
        "curl: (28) Connection timed out"
    )
