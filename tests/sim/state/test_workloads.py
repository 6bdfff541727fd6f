"""Saved at any step: objects, controllers, pods."""

from tests.sim.state.going_on import goes_on

_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53"

test_workloads_go_on = goes_on(
    (
        f"kubectl -n shop create deployment more --image={_IMAGE} --replicas=2 -- /agnhost netexec",
        f"kubectl -n shop create deployment crash --image={_IMAGE} -- /agnhost nosuch",
        "kubectl -n shop run stuck --image=nosuch/image:1",
        f"kubectl -n shop run once --image={_IMAGE} --restart=Never -- pause",
        "kubectl -n shop scale deployment web --replicas=3",
        "kubectl -n shop scale deployment web --replicas=1",
        "kubectl -n shop rollout restart deployment web",
        "kubectl -n shop delete pod --all --wait=false",
        "kubectl -n shop delete deployment more crash --ignore-not-found",
        "kubectl -n shop delete pod stuck once --ignore-not-found",
        "kubectl create namespace busy",
        "kubectl delete namespace busy --wait=false",
        "kubectl -n busy create configmap some --from-literal=a=b",
        "kubectl cordon k5-worker",
        "kubectl uncordon k5-worker",
        "kubectl label node k5-worker some=label --overwrite",
        "kubectl taint node k5-worker some=taint:NoExecute --overwrite",
        "kubectl taint node k5-worker some-",
        "kubectl -n kube-system rollout restart ds/kube-proxy",
        "kubectl describe pods -n shop | tail -20",
    )
)
