"""kubectl's rarer commands, with the recorded answers of a real one (tests/conformance/recordings)."""

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


def test_logs_since_leave_out_older_lines(driver: Driver) -> None:
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


def test_a_broken_go_template_is_reported(driver: Driver) -> None:
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
    assert driver.run("kubectl create token nosuch -n shop").stderr == (
        'error: failed to create token: serviceaccounts "nosuch" not found\n'
    )


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
def test_missing_objects_are_reported_by_the_server(driver: Driver, command: str) -> None:
    assert "NotFound" in driver.run(f"kubectl {command}").stderr


def test_existing_but_missing_programs_say_so(driver: Driver) -> None:
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


def test_a_dry_run_on_the_client_writes_nothing(driver: Driver) -> None:
    before = driver.out("kubectl -n shop get deploy web -o yaml")
    for words in (
        "set image deploy/web web=x",
        "set env deploy/web A=b",
        "set serviceaccount deploy/web x",
        "label deploy web a=b",
        "annotate deploy web a=b",
        "scale deploy web --replicas=3",
        'patch deploy web -p \'{"spec":{"replicas":3}}\'',
    ):
        assert "deployment.apps/web" in driver.out(f"kubectl -n shop {words} --dry-run=client"), words
    assert driver.out("kubectl -n shop get deploy web -o yaml") == before
    shown = driver.out("kubectl -n shop set image deploy/web web=x --dry-run=client -o jsonpath='{..image}'")
    assert shown == "x"


def test_who_is_impersonated_may_do_what_rbac_says(driver: Driver) -> None:
    refused = driver.run("kubectl get pods -n shop --as=bob")
    assert refused.rc == 1
    assert refused.stderr == (
        'Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource "pods" in API group "" '
        'in the namespace "shop"\n'
    )
    driver.out("kubectl create role r -n shop --verb=list --resource=pods")
    driver.out("kubectl create rolebinding r -n shop --role=r --user=bob")
    assert "pod/web-" in driver.out("kubectl get pods -n shop --as=bob -o name")
    assert driver.run("kubectl delete pod x -n shop --as=bob").stderr.startswith("Error from server (Forbidden)")
    assert "without impersonating" in driver.run("kubectl get pods --as-group=dev").stderr
    whoami = driver.out("kubectl auth whoami --as=system:serviceaccount:shop:default")
    assert "[system:serviceaccounts system:serviceaccounts:shop system:authenticated]" in whoami


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_some_namespaces_may_not_be_deleted(driver: Driver, name: str) -> None:
    assert "this namespace may not be deleted" in driver.run(f"kubectl delete ns {name}").stderr
    assert driver.out(f"kubectl get ns {name} -o name") == f"namespace/{name}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("scale deploy web --replicas=abc", 'invalid argument "abc" for "--replicas" flag: strconv.ParseInt'),
        ("wait --for=delete pod/x --timeout=abc", 'for "--timeout" flag: time: invalid duration "abc"'),
        ("get pods --no-headers=abc", 'for "--no-headers" flag: strconv.ParseBool: parsing "abc"'),
        ("proxy --port=abc", 'for "-p, --port" flag: strconv.ParseInt'),
        ("label deploy web a=b a-", "can not both modify and remove a label in the same command"),
        ("label deploy web 'a=b c'", 'invalid label value: "a=b c": a valid label must be an empty string'),
        ("scale deploy web --replicas=-1", "COUNT must be greater than or equal to 0"),
        ("set image deploy/web", "at least one image update is required"),
        ("set resources deploy/web --limits=cpu=x", "quantities must match the regular expression"),
        ("set selector deploy web a=b", "setting a selector is only supported for Services"),
        ("rollout status svc/web", "no status viewer has been implemented for Service"),
        ("rollout resume deploy/web", 'deployments.apps "web" is not paused'),
        ("delete deploy web --cascade=x", "invalid cascade value (x)"),
        ("delete deploy web --force --grace-period=5", "cannot be specified together"),
        ("delete deploy x --all", "name cannot be provided when a selector is specified"),
        ("get svc web -l a=b", "name cannot be provided when a selector is specified"),
        ("get svc/web/x", "may not have more than one slash"),
        ("apply nosuch", "Unexpected args: [nosuch]"),
        ("create ns a b", "exactly one NAME is required, got 2"),
        ("create nosuch", "Unexpected args: [nosuch]"),
        ("run x --image='a b'", 'Invalid image name "a b": invalid reference format'),
        ("run x --image=x --restart=Maybe", "invalid restart policy: Maybe"),
        ("logs cm/kube-root-ca.crt", "cannot get the logs from *v1.ConfigMap"),
        ("exec cm/kube-root-ca.crt -- date", "cannot attach to *v1.ConfigMap"),
        ("port-forward svc/web 8080:99", "Service web does not have a service port 99"),
        ("port-forward deploy/web 99999", "value out of range"),
        ("taint nodes k5-worker a=b:Never", "invalid taint effect: Never, unsupported taint effect"),
        ("events --for=x", "--for must be in resource/name form"),
        ("wait --for=jsonpath= deploy/web", "jsonpath expression cannot be empty"),
    ],
)
def test_wrong_arguments_are_reported(driver: Driver, words: str, said: str) -> None:
    answer = driver.run(f"kubectl -n shop {words}")
    assert answer.rc == 1
    assert said in answer.stderr


def test_a_wait_knows_paths_and_created_files(driver: Driver) -> None:
    met = "deployment.apps/web condition met\n"
    assert driver.out("kubectl -n shop wait --for=jsonpath='{.spec.replicas}'=1 deploy/web") == met
    assert driver.out("kubectl -n shop wait --for=jsonpath=.spec.replicas=1 deploy/web") == met
    assert driver.out("kubectl -n shop wait --for=create deploy/web --timeout=2s") == met
    late = driver.run("kubectl -n shop wait --for=create deploy/nosuch --timeout=1s")
    assert late.stderr == "error: timed out waiting for the condition\n"


def test_a_difference_is_shown_and_nothing_is_written(driver: Driver) -> None:
    driver.out("printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n' > /tmp/a.yaml")
    new = driver.run("kubectl diff -f /tmp/a.yaml")
    assert new.rc == 1
    assert "+  k: v\n" in new.stdout
    driver.out("kubectl apply -f /tmp/a.yaml")
    assert driver.run("kubectl diff -f /tmp/a.yaml").rc == 0
    driver.out("sed -i 's/k: v/k: w/' /tmp/a.yaml")
    changed = driver.run("kubectl diff -f /tmp/a.yaml")
    assert changed.stdout.splitlines()[4:6] == [" apiVersion: v1", " data:"]
    assert "-  k: v\n+  k: w\n" in changed.stdout
    assert driver.out("kubectl get cm a -o jsonpath={.data.k}") == "v"


def test_a_kustomization_is_built_and_applied(driver: Driver) -> None:
    driver.out(
        "mkdir -p /tmp/kz; printf 'resources: [a.yaml]\nnamePrefix: x-\ncommonLabels: {t: u}\n' > "
        "/tmp/kz/kustomization.yaml; "
        "printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' > /tmp/kz/a.yaml"
    )
    assert driver.out("kubectl kustomize /tmp/kz").endswith("metadata:\n  labels:\n    t: u\n  name: x-a\n")
    assert driver.out("kubectl apply -k /tmp/kz") == "configmap/x-a created\n"
    assert driver.out("kubectl delete -k /tmp/kz") == 'configmap "x-a" deleted from default namespace\n'
    driver.out("echo 'patches: []' >> /tmp/kz/kustomization.yaml")
    assert driver.run("kubectl kustomize /tmp/kz").stderr.startswith(
        "not simulated: kubectl kustomize with patches"
    )
    assert "unable to find one of 'kustomization.yaml'" in driver.run("kubectl kustomize /etc").stderr


def test_roles_are_brought_about(driver: Driver) -> None:
    role = (
        "printf 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: r}}\nrules:\n"
        '- {{apiGroups: [""], resources: [{}], verbs: [get]}}\n\' | kubectl auth reconcile {} -f -'
    )
    made = driver.run(role.format("pods", ""))
    assert made.stdout == "role.rbac.authorization.k8s.io/r reconciled\n"
    assert made.stderr == (
        "\treconciliation required create\n\tmissing rules added:\n"
        "\t\t{Verbs:[get] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}\n"
    )
    assert not driver.run(role.format("pods", "")).stderr
    driver.out(role.format("secrets", ""))
    assert "extra rules removed" in driver.run(role.format("secrets", "--remove-extra-permissions")).stderr
    assert driver.out("kubectl get role r -o jsonpath='{.rules[*].resources[0]}'") == "secrets"


def test_contexts_are_renamed_and_deleted(driver: Driver) -> None:
    lead = "export KUBECONFIG=/tmp/kc; "
    driver.out(
        f"cp /etc/kubernetes/admin.conf /tmp/kc; {lead} kubectl config set-context dev --cluster=k5 --user=u"
    )
    assert driver.out(f"{lead} kubectl config rename-context dev prod") == 'Context "dev" renamed to "prod".\n'
    assert "kubernetes-admin@k5\nprod\n" in driver.out(f"{lead} kubectl config get-contexts -o name")
    driver.out(f"{lead} kubectl config use-context prod")
    gone = driver.run(f"{lead} kubectl config delete-context prod")
    assert gone.stdout == "deleted context prod from /tmp/kc\n"
    assert gone.stderr.startswith("warning: this removed your active context")
    assert driver.run(f"{lead} kubectl config delete-user nosuch").stderr == (
        "error: cannot delete user nosuch, not in /tmp/kc\n"
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("{.items[0,1].metadata.name}", "k5-control-plane k5-worker"),
        ("{.items[0].metadata.labels.kubernetes\\.io/hostname}", "k5-control-plane"),
        ("{.items[*]['metadata.name','spec.podCIDR']}", "k5-control-plane k5-worker 10.244.0.0/24 10.244.1.0/24"),
        ("{.items[?(@.spec.unschedulable!=true)].metadata.name}", ""),
        (".items[0].metadata.name", ".items[0].metadata.name"),
    ],
)
def test_paths(driver: Driver, path: str, said: str) -> None:
    assert driver.out(f'kubectl get nodes -o jsonpath="{path}"') == said


def test_a_dump_has_nodes_and_logs(driver: Driver) -> None:
    dump = driver.out("kubectl cluster-info dump --namespaces shop")
    assert dump.startswith('{\n    "kind": "NodeList",\n    "apiVersion": "v1",\n')
    assert "==== START logs for container web of pod shop/web-" in dump
    driver.out("kubectl cluster-info dump --namespaces shop --output-directory /tmp/d")
    assert driver.out("ls /tmp/d/shop | grep json").split()[:2] == ["daemonsets.json", "deployments.json"]


def test_an_image_takes_its_own_commands_only(driver: Driver) -> None:
    image = "registry.k8s.io/e2e-test-images/agnhost:2.53"
    said = driver.run(f"kubectl run x --image={image} --restart=Never --rm -i --quiet -- sh -c 'echo hi'")
    assert said.stdout == 'Error: unknown command "sh" for "app"\n'
    assert said.rc == 1
    driver.out(f"kubectl run y --image={image} --restart=Never -- sleep 5")
    driver.cluster.advance(5)
    assert driver.out("kubectl get pod y --no-headers").split()[1:3] == ["0/1", "Error"]
    assert driver.out("kubectl logs y") == 'Error: unknown command "sleep" for "app"\n'
