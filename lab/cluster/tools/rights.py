"""Who may do what: questions to the API server about users, groups and service accounts (SubjectAccessReviews)."""

import json
from collections.abc import Mapping, Sequence

from lab.cluster.base import Node
from lab.cluster.tools import api
from lab.errors import UnreadableError

__all__ = ["rights"]

#: Stands for the app's first namespace.
_APP = "@APP@"
#: Verb, API group, resource, namespace: what an administrator may do and hardly anybody else.
_ASKED = (
    ("*", "*", "*", ""),
    ("get", "", "secrets", "kube-system"),
    ("list", "", "secrets", _APP),
    ("create", "", "pods", _APP),
    ("create", "", "pods", "kube-system"),
    ("create", "", "pods/exec", _APP),
    ("delete", "", "pods", "kube-system"),
    ("delete", "", "nodes", ""),
    ("update", "", "configmaps", "kube-system"),
    ("patch", "apps", "daemonsets", "kube-system"),
    ("patch", "apps", "deployments", _APP),
    ("create", "rbac.authorization.k8s.io", "clusterrolebindings", ""),
    ("escalate", "rbac.authorization.k8s.io", "clusterroles", ""),
    ("impersonate", "", "users", ""),
    ("delete", "networking.k8s.io", "networkpolicies", _APP),
    ("update", "", "namespaces", ""),
)


def _subjects(app: Sequence[str]) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return subject -> user and groups. The API server adds no groups to those that a review names."""
    return {
        "anybody": ("system:anonymous", ("system:unauthenticated",)),
        "any user": ("somebody", ("system:authenticated",)),
        **{
            f"the default service account of {space}": (
                f"system:serviceaccount:{space}:default",
                ("system:serviceaccounts", f"system:serviceaccounts:{space}", "system:authenticated"),
            )
            for space in ("default", "kube-system", *app)
        },
        "any service account": (
            "system:serviceaccount:elsewhere:somebody",
            ("system:serviceaccounts", "system:serviceaccounts:elsewhere", "system:authenticated"),
        ),
        "a node": ("system:node:somewhere", ("system:nodes", "system:authenticated")),
        "kube-proxy": ("system:kube-proxy", ("system:authenticated",)),
    }


def rights(node: Node, app: Sequence[str]) -> dict[str, bool]:
    """Return question -> whether it is allowed, such as `any user: delete nodes`; `app` are the app's namespaces.

    Raises:
        UnreadableError: the API server did not answer all of it.

    """
    first = app[0] if app else "default"
    asked = {
        f"{who}: {verb} {resource}{f' in {space}' if space else ''}": _review(
            subject, (verb, group, resource, space)
        )
        for who, subject in _subjects(app).items()
        for verb, group, resource, where in _ASKED
        for space in [first if where == _APP else where]
    }
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(asked.values())})
    create = ["create", "--validate=false", "-o", 'jsonpath={.status.allowed}{"\\n"}', "-f", "-"]
    result = api.kubectl(node, *create, stdin=text, timeout=30)
    answers = result.stdout.split()
    if len(answers) != len(asked):
        raise UnreadableError("Not all questions about rights were answered.", result.stderr[-500:])
    return {question: answer == "true" for question, answer in zip(asked, answers, strict=True)}


def _review(subject: tuple[str, tuple[str, ...]], asked: tuple[str, str, str, str]) -> dict[str, object]:
    verb, group, resource, space = asked
    name, _, sub = resource.partition("/")
    attributes = {"verb": verb, "group": group, "resource": name, "subresource": sub, "namespace": space}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": subject[0], "groups": list(subject[1]), "resourceAttributes": attributes},
    }
