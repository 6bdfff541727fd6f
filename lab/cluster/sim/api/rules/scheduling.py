"""Rules of where a pod may run: affinities, tolerations, spreading, gates."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.metadata import selector_of
from lab.cluster.sim.api.rules.names import key_problems, label_problems, name_problems, subdomain_problems
from lab.cluster.sim.api.rules.wording import (
    duplicate,
    forbidden,
    invalid,
    invalids,
    positive,
    required,
    unsupported,
)

__all__ = ["affinity", "gates", "spreading", "tolerations"]

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
_OPERATOR = "not a valid selector operator"
_NEEDED, _LIKED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
_NO_SELECTOR = "must not be specified when labelSelector is not set"


def tolerations(found: list[Object], path: str) -> Iterator[str]:
    """Yield the errors in tolerations."""
    for index, each in enumerate(found):
        where, operator = f"{path}[{index}]", each.get("operator") or ""
        key, effect, value = each.get("key") or "", each.get("effect") or "", each.get("value") or ""
        if key:
            yield from invalids(f"{where}.key", key, key_problems(key))
        elif operator != "Exists":
            told = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield invalid(f"{where}.operator", operator, told)
        if each.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield invalid(f"{where}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
        if operator in {"", "Equal"}:
            if problems := label_problems(value):
                yield invalid(f"{where}.operator", value, ";".join(problems))
        elif operator == "Exists":
            if value:
                yield invalid(f"{where}.operator", value, "value must be empty when `operator` is 'Exists'")
        else:
            yield unsupported(f"{where}.operator", operator, ("Equal", "Exists"))
        if effect and effect not in _EFFECTS:
            yield unsupported(f"{where}.effect", effect, _EFFECTS)


def gates(found: list[Object], path: str) -> Iterator[str]:
    """Yield the errors in scheduling gates."""
    seen: set[str] = set()
    for index, gate in enumerate(found):
        where, name = f"{path}[{index}]", gate.get("name") or ""
        yield from invalids(where, name, key_problems(name))
        if name in seen:
            yield duplicate(where, name)
        seen.add(name)


def affinity(found: Object, path: str) -> Iterator[str]:
    """Yield the errors in affinities to nodes and pods."""
    nodes = found.get("nodeAffinity") or {}
    if nodes.get(_NEEDED) is not None:
        where = f"{path}.nodeAffinity.{_NEEDED}.nodeSelectorTerms"
        terms = nodes[_NEEDED].get("nodeSelectorTerms") or []
        if not terms:
            yield required(where, "must have at least one node selector term")
        for index, term in enumerate(terms):
            yield from _node_term(term, f"{where}[{index}]", strict=True)
    for index, term in enumerate(nodes.get(_LIKED) or []):
        where = f"{path}.nodeAffinity.{_LIKED}[{index}]"
        yield from _weight(term, where)
        yield from _node_term(term.get("preference") or {}, f"{where}.preference", strict=False)
    for side in ("podAffinity", "podAntiAffinity"):
        pods = found.get(side) or {}
        for index, term in enumerate(pods.get(_NEEDED) or []):
            yield from _pod_term(term, f"{path}.{side}.{_NEEDED}[{index}]")
        for index, term in enumerate(pods.get(_LIKED) or []):
            where = f"{path}.{side}.{_LIKED}[{index}]"
            yield from _weight(term, where)
            yield from _pod_term(term.get("podAffinityTerm") or {}, f"{where}.podAffinityTerm")


def _weight(term: Object, path: str) -> Iterator[str]:
    if not 0 < (term.get("weight") or 0) <= 100:
        yield invalid(f"{path}.weight", term.get("weight") or 0, "must be in the range 1-100")


def _node_term(term: Object, path: str, *, strict: bool) -> Iterator[str]:
    for index, each in enumerate(term.get("matchExpressions") or []):
        yield from _node_labels(each, f"{path}.matchExpressions[{index}]", strict=strict)
    for index, each in enumerate(term.get("matchFields") or []):
        yield from _node_fields(each, f"{path}.matchFields[{index}]")


def _node_labels(each: Object, path: str, *, strict: bool) -> Iterator[str]:
    operator, values, key = each.get("operator") or "", each.get("values") or [], each.get("key") or ""
    if operator in {"In", "NotIn"}:
        if not values:
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            told = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield forbidden(f"{path}.values", told)
    elif operator in {"Gt", "Lt"}:
        if len(values) != 1:
            yield required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        yield invalid(f"{path}.operator", operator, _OPERATOR)
    yield from invalids(f"{path}.key", key, key_problems(key))
    for index, value in enumerate(values if strict else []):
        yield from invalids(f"{path}.values[{index}]", value, label_problems(value))


def _node_fields(each: Object, path: str) -> Iterator[str]:
    operator, values, key = each.get("operator") or "", each.get("values") or [], each.get("key") or ""
    if operator not in {"In", "NotIn"}:
        yield invalid(f"{path}.operator", operator, _OPERATOR)
    elif len(values) != 1:
        told = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required(f"{path}.values", told)
    if key != "metadata.name":
        yield invalid(f"{path}.key", key, "not a valid field selector key")
    else:
        for index, value in enumerate(values):
            yield from invalids(f"{path}.values[{index}]", value, subdomain_problems(value))


def _pod_term(term: Object, path: str) -> Iterator[str]:
    topology = term.get("topologyKey") or ""
    yield from selector_of(term.get("labelSelector"), f"{path}.labelSelector")
    yield from selector_of(term.get("namespaceSelector"), f"{path}.namespaceSelector")
    for name in term.get("namespaces") or []:
        yield from invalids(f"{path}.namespace", name, name_problems(name))
    yield from _label_keys(term, path)
    if not topology:
        yield required(f"{path}.topologyKey", "can not be empty")
    yield from invalids(f"{path}.topologyKey", topology, key_problems(topology))


def _label_keys(term: Object, path: str) -> Iterator[str]:
    selector, same = term.get("labelSelector"), term.get("matchLabelKeys") or []
    other = term.get("mismatchLabelKeys") or []
    for field, keys in (("matchLabelKeys", same), ("mismatchLabelKeys", other)):
        if keys and selector is None:
            yield forbidden(f"{path}.{field}", _NO_SELECTOR)
        else:
            for index, key in enumerate(keys):
                yield from invalids(f"{path}.{field}[{index}]", key, key_problems(key))
    seen = set((selector or {}).get("matchLabels") or {})
    for each in (selector or {}).get("matchExpressions") or []:
        key = each.get("key") or ""
        if key in same and key in seen:
            at = len(same) - 1 - same[::-1].index(key)
            yield invalid(f"{path}[{at}]", key, "exists in both matchLabelKeys and labelSelector")
        seen.add(key)
    for index, key in enumerate(same):
        if key in other:
            told = "exists in both matchLabelKeys and mismatchLabelKeys"
            yield invalid(f"{path}.matchLabelKeys[{index}]", key, told)


def spreading(found: list[Object], path: str) -> Iterator[str]:
    """Yield the errors in constraints on how pods spread."""
    for index, each in enumerate(found):
        where, topology, action = (
            f"{path}[{index}]",
            each.get("topologyKey") or "",
            each.get("whenUnsatisfiable") or "",
        )
        yield from positive(f"{where}.maxSkew", each.get("maxSkew") or 0)
        if not topology:
            yield required(f"{where}.topologyKey", "can not be empty")
        if action not in _ACTIONS:
            yield unsupported(f"{where}.whenUnsatisfiable", action, _ACTIONS)
        pairs = [(one.get("topologyKey") or "", one.get("whenUnsatisfiable") or "") for one in found[index + 1 :]]
        if (topology, action) in pairs:
            yield duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{topology}, {action}}}")
        least = each.get("minDomains")
        if least is not None:
            yield from positive(f"{where}.minDomains", least)
            if action != "DoNotSchedule":
                told = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
                yield invalid(f"{where}.minDomains", least, told)
        for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if each.get(field) not in {None, "Honor", "Ignore"}:
                yield unsupported(f"{where}.{field}", each[field], ("Honor", "Ignore"))
        yield from _label_keys({**each, "mismatchLabelKeys": None}, where)
        yield from selector_of(each.get("labelSelector"), f"{where}.labelSelector")
