"""The API server's published information: discovery, health, metrics; and objects checked against their kinds'
fields.
"""

import json

import pytest

from tests.sim.driving import Driver


def test_groups_and_resources_are_published(driver: Driver) -> None:
    group = json.loads(driver.out("kubectl get --raw /apis/apps"))
    assert group["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}
    listed = json.loads(driver.out("kubectl get --raw /apis/apps/v1"))["resources"]
    assert {"deployments", "deployments/scale", "deployments/status"} <= {each["name"] for each in listed}
    assert "/livez/etcd" in json.loads(driver.out("kubectl get --raw /"))["paths"]
    assert driver.out("kubectl get --raw /version").startswith('{\n  "major": "1",\n')
    assert driver.run("kubectl get --raw /apis/apps/v2").rc == 1


def test_checks_can_be_asked_for_and_left_out(driver: Driver) -> None:
    assert driver.out("kubectl get --raw /livez/etcd") == "ok"
    assert "(NotFound)" in driver.run("kubectl get --raw /livez/nosuch").stderr
    told = driver.out("kubectl get --raw '/readyz?verbose&exclude=etcd&exclude=x'")
    assert "[+]etcd excluded: ok\n" in told
    assert told.endswith('warn: some health checks cannot be excluded: no matches for "x"\nreadyz check passed\n')


def test_requests_and_objects_are_counted(driver: Driver) -> None:
    def counted() -> int:
        page = driver.out("kubectl get --raw /metrics")
        lines = [line for line in page.splitlines() if 'resource="configmaps"' in line and 'verb="POST"' in line]
        assert 'apiserver_storage_objects{resource="namespaces"} 6\n' in page
        return sum(int(line.split()[-1]) for line in lines)

    before = counted()
    driver.out("kubectl create cm x; kubectl delete cm x")
    assert counted() == before + 1


@pytest.mark.parametrize(
    ("kind", "rest", "said"),
    [
        (
            "apps/v1 Deployment",
            "spec: {replicas: a}",
            "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "v1 Pod",
            "spec: {containers: {name: x}}",
            "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (
            "v1 Pod",
            "spec: {containers: [{name: x, env: [{name: A, value: 1}]}]}",
            "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
        ),
        ("v1 ConfigMap", "data: {a: 1}", "number into Go struct field ConfigMap.data of type string"),
        ("v1 Secret", 'data: {a: "not base64!"}', "illegal base64 data at input byte 3"),
        (
            "networking.k8s.io/v1 NetworkPolicy",
            "spec: {podSelector: {matchLabel: {a: b}}, ingress: [{form: []}]}",
            'unknown field "spec.ingress[0].form", unknown field "spec.podSelector.matchLabel"',
        ),
        (
            "rbac.authorization.k8s.io/v1 Role",
            "rules: [{resource: [pods], verbs: [get]}]",
            'strict decoding error: unknown field "rules[0].resource"',
        ),
        (
            "v1 Service",
            "spec: {ports: [{port: 0}]}",
            "spec.ports[0].port: Invalid value: 0: must be between 1 and",
        ),
        ("v1 Service", "spec: {selector: {a: b}}", "spec.ports: Required value"),
        (
            "networking.k8s.io/v1 NetworkPolicy",
            "spec: {podSelector: {}, policyTypes: [Both]}",
            'spec.policyTypes[0]: Unsupported value: "Both": supported values: "Ingress", "Egress"',
        ),
        (
            "networking.k8s.io/v1 NetworkPolicy",
            "spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: x}}]}]}",
            'ipBlock.cidr: Invalid value: "x": must be a valid CIDR value',
        ),
    ],
)
def test_objects_are_held_against_their_fields(driver: Driver, kind: str, rest: str, said: str) -> None:
    version, name = kind.split()
    text = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: x}}\n{rest}\n"
    answer = driver.run(f"kubectl apply -f - <<'END'\n{text}END")
    assert answer.rc == 1
    assert said in answer.stderr


def test_metadata_is_read_by_the_client(driver: Driver) -> None:
    answer = driver.run(
        "printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: x, labels: {a: 1}}\n' | kubectl apply -f -"
    )
    assert answer.stderr == (
        'error: unable to decode "STDIN": json: cannot unmarshal number into Go struct field '
        "ObjectMeta.metadata.labels of type string\n"
    )


def test_patches_warn_of_unknown_fields_and_are_refused_for_wrong_types(driver: Driver) -> None:
    loose = driver.run("""kubectl -n shop patch deploy web -p '{"spec":{"nosuch":1}}'""")
    assert (loose.stdout, loose.stderr) == (
        "deployment.apps/web patched (no change)\n",
        'Warning: unknown field "spec.nosuch"\n',
    )
    wrong = driver.run("""kubectl -n shop patch deploy web -p '{"spec":{"replicas":"a"}}'""")
    assert wrong.stderr == (
        'The request is invalid: patch: Invalid value: "map[spec:map[replicas:a]]": unrecognized type: int32\n'
    )
    assert driver.out("kubectl -n shop get deploy web -o jsonpath={.spec.replicas}") == "1"


def test_json_patches_copy_move_and_are_refused(driver: Driver) -> None:
    change = "kubectl -n shop patch deploy web --type=json -p '[{}]'"
    driver.out(change.format('{"op":"copy","from":"/metadata/labels/app","path":"/metadata/labels/x"}'))
    driver.out(change.format('{"op":"move","from":"/metadata/labels/x","path":"/metadata/labels/y"}'))
    assert driver.out("kubectl -n shop get deploy web -o jsonpath={.metadata.labels}") == '{"app":"web","y":"web"}'
    for operation in ('{"op":"remove","path":"/spec/nosuch"}', '{"op":"nosuch","path":"/spec"}'):
        assert driver.run(change.format(operation)).stderr == (
            "The request is invalid: the server rejected our request due to an error in our request\n"
        )


def test_several_causes_are_listed_line_by_line(driver: Driver) -> None:
    answer = driver.run(
        """kubectl -n shop patch deploy web -p '{"spec":{"selector":{"matchLabels":{"app":"x"}}}}'"""
    )
    assert answer.stderr == (
        'The Deployment "web" is invalid: \n'
        '* spec.template.metadata.labels: Invalid value: {"app":"web"}: '
        "`selector` does not match template `labels`\n"
        '* spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable\n'
    )
