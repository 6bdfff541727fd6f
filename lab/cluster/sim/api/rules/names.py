"""Names, labels, keys, ports and addresses: what is wrong with them."""

import ipaddress
import re

from lab.cluster.sim.api.rules.wording import invalid, invalids, required

__all__ = [
    "config_key_problems", "dns1035_problems", "domain_path_problems", "env_problems", "header_problems",
    "is_network", "key_problems", "label_problems",
    "name_problems", "path_segment_problems", "port_name_problems", "port_problems", "search_problems",
    "subdomain_problems", "wildcard_problems",
]  # fmt: skip

_PART = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL = re.compile(rf"{_PART}\Z")
_SUBDOMAIN = re.compile(rf"{_PART}(\.{_PART})*\Z")
_DNS1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\Z")
_KEY = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_WORD = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SEARCH = re.compile(rf"{_WORD}(\.{_WORD})*\Z")
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_WILDCARD = re.compile(rf"\*\.{_PART}(\.{_PART})*\Z")
_WILDCARD_RULE = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
    "regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_SEARCH_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_DNS1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
    "is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
    "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_CONFIG_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_HTTP_PATH_RULE = (
    "Invalid path (e.g. 'my/path',  or 'my/path-', regex used for validation is "
    "'[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"
)
_PREFIXED = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"


def _long(text: str, most: int) -> list[str]:
    return [f"must be no more than {most} characters"] if len(text.encode()) > most else []


def name_problems(text: str) -> list[str]:
    """Return what is wrong with a name that is a DNS label, such as a container's."""
    problems = _long(text, 63)
    if not _LABEL.match(text):
        problems.append("must not contain dots" if _SUBDOMAIN.match(text) else _LABEL_RULE)
    return problems


def subdomain_problems(text: str) -> list[str]:
    """Return what is wrong with the name of most objects."""
    return _long(text, 253) + ([] if _SUBDOMAIN.match(text) else [_SUBDOMAIN_RULE])


def wildcard_problems(text: str) -> list[str]:
    """Return what is wrong with a domain that stands for all domains below it."""
    return _long(text, 253) + ([] if _WILDCARD.match(text) else [_WILDCARD_RULE])


def search_problems(text: str) -> list[str]:
    """Return what is wrong with a DNS search domain."""
    return _long(text, 253) + ([] if _SEARCH.match(text) else [_SEARCH_RULE])


def dns1035_problems(text: str) -> list[str]:
    """Return what is wrong with a Service's name."""
    return _long(text, 63) + ([] if _DNS1035.match(text) else [_DNS1035_RULE])


def path_segment_problems(text: str) -> list[str]:
    """Return what is wrong with a name that only has to fit into a path, such as a role's."""
    if text in {".", ".."}:
        return [f"may not be '{text}'"]
    return [f"may not contain '{one}'" for one in "/%" if one in text]


def label_problems(text: str) -> list[str]:
    """Return what is wrong with a label's value."""
    return _long(text, 63) + ([] if _VALUE.match(text) else [_VALUE_RULE])


def key_problems(text: str) -> list[str]:
    """Return what is wrong with the key of a label or annotation."""
    parts = text.split("/")
    if len(parts) > 2:
        return [f"a qualified name {_KEY_RULE} {_PREFIXED}"]
    problems = []
    if len(parts) == 2:
        told = subdomain_problems(parts[0]) if parts[0] else ["must be non-empty"]
        problems += [f"prefix part {one}" for one in told]
    name = parts[-1]
    problems += [f"name part {one}" for one in (_long(name, 63) if name else ["must be non-empty"])]
    return problems if _KEY.match(name) else [*problems, f"name part {_KEY_RULE}"]


def config_key_problems(text: str) -> list[str]:
    """Return what is wrong with a key of a ConfigMap or Secret."""
    problems = _long(text, 253)
    if not re.fullmatch(r"[-._a-zA-Z0-9]+", text):
        problems.append(_CONFIG_RULE)
    if text in {".", ".."}:
        problems.append(f"must not be '{text}'")
    elif text.startswith(".."):
        problems.append("must not start with '..'")
    return problems


def env_problems(text: str) -> list[str]:
    """Return what is wrong with the name of an environment variable."""
    if re.fullmatch(r"[ -<>-~]+", text):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def header_problems(text: str) -> list[str]:
    """Return what is wrong with the name of an HTTP header."""
    if re.fullmatch(r"[-A-Za-z0-9]+", text):
        return []
    example = "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
    return [f"a valid HTTP header must consist of alphanumeric characters or '-' {example}"]


def domain_path_problems(text: str, path: str) -> list[str]:
    """Return the errors in a path that begins with a domain, such as the name of a controller."""
    host, _, rest = text.partition("/")
    if not text:
        return [required(path)]
    if not host or not rest:
        return [invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    errors = list(invalids(path, host, subdomain_problems(host)))
    if not re.fullmatch(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+", rest):
        errors.append(invalid(path, rest, _HTTP_PATH_RULE))
    return errors


def port_problems(number: object) -> list[str]:
    """Return what is wrong with a port's number."""
    fits = isinstance(number, int) and 0 < number < 65536
    return [] if fits else ["must be between 1 and 65535, inclusive"]


def port_name_problems(text: str) -> list[str]:
    """Return what is wrong with a port's name."""
    problems = _long(text, 15)
    if not re.fullmatch(r"[-a-z0-9]+", text):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        problems.append("must contain at least one letter (a-z)")
    if "--" in text:
        problems.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return problems


def is_network(text: object) -> bool:
    """Whether a text is an address with the length of its prefix."""
    try:
        ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        return False
    return "/" in str(text)
