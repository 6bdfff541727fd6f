import json

import pytest

from tests.sim.driving import Driver


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("get pod nosuch", 'Error from server (NotFound): pods "nosuch" not found\n'),
        ("get nosuch", 'error: the server doesn\'t have a resource type "nosuch"\n'),
        ("get pods -n nosuch", "No resources found in nosuch namespace.\n"),
        ("delete pod nosuch", 'Error from server (NotFound): pods "nosuch" not found\n'),
        ("create ns shop", 'Error from server (AlreadyExists): namespaces "shop" already exists\n'),
        ("apply -f /nosuch", 'error: the path "/nosuch" does not exist\n'),
        (
            "scale deploy nosuch --replicas=1",
            'error: no objects passed to scale deployments.apps "nosuch" not found\n',
        ),
        ("nosuch", 'error: unknown command "nosuch" for "kubectl"\n'),
    ],
)
def test_mistakes_are_answered_as_by_the_real_one(driver: Driver, command: str, said: str) -> None:
    assert driver.run(f"kubectl {command}").stderr == said


def test_apply_creates_then_leaves_then_changes(driver: Driver) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1', b: '2'}\n"
    node = driver.cluster.control_plane

    def apply(manifest: str) -> str:
        return node.run(["kubectl", "apply", "-f", "-"], stdin=manifest).check().stdout

    assert apply(text) == "configmap/c created\n"
    assert apply(text) == "configmap/c unchanged\n"
    assert apply(text.replace(", b: '2'", "").replace("'1'", "'9'")) == "configmap/c configured\n"
    assert json.loads(driver.out("kubectl get cm c -o jsonpath='{.data}'")) == {"a": "9"}


def test_labels_need_overwrite(driver: Driver) -> None:
    assert driver.out("kubectl label ns shop a=b") == "namespace/shop labeled\n"
    assert driver.run("kubectl label ns shop a=c").stderr == (
        "error: 'a' already has a value (b), and --overwrite is false\n"
    )
    assert driver.out("kubectl label ns shop a=c --overwrite") == "namespace/shop labeled\n"
    assert driver.out("kubectl label ns shop a-") == "namespace/shop unlabeled\n"


def test_selectors_formats_and_sorting(driver: Driver) -> None:
    assert driver.out("kubectl -n shop get pods -l 'app in (web)' -o name").startswith("pod/web-")
    assert driver.out("kubectl get pods -A --field-selector status.phase!=Running") == ""
    assert (
        driver.out("kubectl -n kube-system get svc kube-dns -o jsonpath='{.spec.ports[*].port}'") == "53 53 9153"
    )
    names = driver.out("kubectl get ns -o custom-columns=N:.metadata.name --no-headers=true").split()
    assert names[:2] == ["default", "kube-node-lease"]
    assert (
        driver.out("kubectl get nodes --sort-by=.metadata.name -o name")
        == "node/k5-control-plane\nnode/k5-worker\n"
    )
    listed = driver.out(
        "kubectl get pods -n stage -o jsonpath='{range .items[*]}{.spec.nodeName}{\"\\n\"}{end}'"
    ).splitlines()
    assert sorted(listed) == ["k5-control-plane", "k5-worker"]


def test_a_deployment_rolls_over(driver: Driver) -> None:
    driver.out("kubectl -n shop scale deploy web --replicas=3")
    driver.out("kubectl -n shop rollout status deploy/web --timeout=30s")
    before = set(driver.out("kubectl -n shop get pods -l app=web -o name").split())
    driver.out("kubectl -n shop rollout restart deploy/web")
    assert "successfully rolled out" in driver.out("kubectl -n shop rollout status deploy/web --timeout=60s")
    driver.cluster.advance(5)
    after = set(driver.out("kubectl -n shop get pods -l app=web -o name").split())
    assert len(after) == 3
    assert not after & before


def test_deleting_a_deployment_takes_its_pods(driver: Driver) -> None:
    driver.out("kubectl -n shop delete deploy web")
    driver.cluster.advance(10)
    assert driver.out("kubectl -n shop get pods,rs -l app=web -o name") == ""


def test_deleting_a_namespace_empties_it(driver: Driver) -> None:
    driver.out("kubectl delete ns stage --timeout=60s")
    assert driver.run("kubectl get ns stage").rc == 1
    assert driver.out("crictl ps -q --name probe") == ""


def test_a_dry_run_leaves_nothing(driver: Driver) -> None:
    assert driver.out("kubectl create cm z --from-literal=a=b --dry-run=server") == (
        "configmap/z created (server dry run)\n"
    )
    assert driver.run("kubectl get cm z").rc == 1


def test_an_image_that_is_not_there_is_not_pulled(driver: Driver) -> None:
    driver.out("kubectl run p --image=nosuch:1 -n default")
    driver.cluster.advance(30)
    assert "ImagePullBackOff" in driver.out("kubectl get pod p")


def test_a_pod_that_is_given_another_image_gets_another_container(driver: Driver) -> None:
    """As with a real kubelet (1.34.4): no new pod, no pause; the old status stays until there is a container."""
    shown = "{.status.containerStatuses[0].image} {.status.containerStatuses[0].restartCount}"
    image = driver.out("kubectl -n shop get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'")
    driver.out(f"kubectl run p --image={image} -- pause")
    driver.out("kubectl wait --for=condition=Ready pod/p")

    driver.out("kubectl set image pod/p p=example.test/none:1")
    driver.cluster.advance(3)
    row = driver.out("kubectl get pod p --no-headers")
    assert row.split()[:4] == ["p", "0/1", "ErrImagePull", "0"]
    assert driver.out(f"kubectl get pod p -o jsonpath='{shown}'") == f"{image} 0"
    ended = "{.status.containerStatuses[0].lastState.terminated.exitCode}"
    assert driver.out(f"kubectl get pod p -o jsonpath='{ended}'") == "2"
    told = driver.out("kubectl describe pod p")
    assert "Container p definition changed, will be restarted" in told
    assert 'Head "https://example.test/v2/none/manifests/1": dial tcp: lookup example.test on 172.' in told
    driver.cluster.advance(20)
    assert "ImagePullBackOff" in driver.out("kubectl get pod p")

    driver.out(f"kubectl set image pod/p p={image}")
    driver.cluster.advance(2)
    row = driver.out("kubectl get pod p --no-headers")
    assert row.split()[:4] == ["p", "1/1", "Running", "1"]


def test_a_pod_that_has_ended_for_good_stays_so_whatever_image_it_is_given(driver: Driver) -> None:
    image = driver.out("kubectl -n shop get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'")
    driver.out(f"kubectl run p --image={image} --restart=Never -- pause")
    driver.out("kubectl wait --for=condition=Ready pod/p")
    driver.out("crictl stop $(crictl ps -q --name '^p$')", node=1)
    driver.cluster.advance(3)
    before = driver.out("kubectl get pod p --no-headers").split()[1:3]
    driver.out("kubectl set image pod/p p=example.test/none:1")
    driver.cluster.advance(30)
    assert driver.out("kubectl get pod p --no-headers").split()[1:3] == before == ["0/1", "Error"]


def test_logs_and_exec_reach_containers(driver: Driver) -> None:
    assert "serving client traffic" in driver.out("kubectl -n kube-system logs etcd-k5-control-plane")
    assert driver.out("kubectl -n shop exec ds/client -- cat /etc/resolv.conf").endswith("options ndots:5\n")
    failed = driver.run("kubectl -n shop exec ds/client -- sh -c 'exit 3'")
    assert (failed.rc, failed.stderr) == (3, "command terminated with exit code 3\n")


def test_can_i_knows_administrators_and_strangers(driver: Driver) -> None:
    assert driver.out("kubectl auth can-i create pods") == "yes\n"
    said = driver.run("kubectl auth can-i '*' '*' -A --as=system:anonymous")
    assert (said.rc, said.stdout) == (1, "")
    assert 'User "system:anonymous" cannot create resource "selfsubjectaccessreviews"' in said.stderr
    other = driver.run("kubectl auth can-i list secrets --as=system:serviceaccount:shop:default -n shop")
    assert (other.rc, other.stdout) == (1, "no\n")


def test_the_worker_has_no_kubeconfig(driver: Driver) -> None:
    *asked, told = driver.run("kubectl get nodes", 1).stderr.splitlines()
    assert (
        told == "The connection to the server localhost:8080 was refused - did you specify the right host or port?"
    )
    assert len(asked) == 5
    assert all("memcache.go:265" in line for line in asked)


def test_describe_tells_events(driver: Driver) -> None:
    said = driver.out("kubectl -n shop describe deploy web")
    assert "Scaled up replica set web-" in said
    assert "Replicas:               1 desired | 1 updated | 1 total | 1 available | 0 unavailable" in said


def test_explain_tells_of_kinds_and_fields(driver: Driver) -> None:
    """As kubectl 1.34 prints it."""
    told = driver.out("kubectl explain pod.spec.tolerations --recursive")
    assert told == (
        "KIND:       Pod\nVERSION:    v1\n\nFIELD: tolerations <[]Toleration>\n\n\nDESCRIPTION:\n"
        "    If specified, the pod's tolerations.\n"
        "    The pod this Toleration is attached to tolerates any taint that matches the\n"
        "    triple <key,value,effect> using the matching operator <operator>.\n    \nFIELDS:\n"
        "  effect\t<string>\n  enum: NoExecute, NoSchedule, PreferNoSchedule\n  key\t<string>\n"
        "  operator\t<string>\n  enum: Equal, Exists\n  tolerationSeconds\t<integer>\n  value\t<string>\n\n"
    )
    assert "GROUP:      networking.k8s.io\n" in driver.out("kubectl explain netpol")
    assert "from\t<[]NetworkPolicyPeer>" in driver.out("kubectl explain networkpolicy.spec.ingress")


def test_explain_says_what_there_is_not(driver: Driver) -> None:
    node = driver.cluster.control_plane
    assert 'error: field "foo" does not exist' in node.run(["kubectl", "explain", "pod.foo"]).stderr
    assert node.run(["kubectl", "explain", "foo"]).rc == 1


def test_what_a_binding_allows(driver: Driver) -> None:
    node = driver.cluster.control_plane
    asked = ["kubectl", "auth", "can-i", "list", "pods", "-n", "shop", "--as=system:serviceaccount:shop:default"]
    assert node.run(asked).stdout == "no\n"
    driver.out("kubectl create role reader -n shop --verb=get,list --resource=pods")
    driver.out("kubectl create rolebinding reader -n shop --role=reader --serviceaccount=shop:default")
    assert node.run(asked).stdout == "yes\n"
    assert (
        node.run([word.replace("shop", "stage", 1) if word == "shop" else word for word in asked]).stdout == "no\n"
    )
