"""Rules that somebody added to a node's packet filter by hand."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Rule", "judge"]

_OPTIONS = {"-p": "protocol", "--protocol": "protocol", "--dport": "port", "-d": "target", "-s": "source",
            "-j": "action", "--reject-with": "answer", "--destination-port": "port"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of INPUT, FORWARD or OUTPUT."""

    chain: str
    action: str
    protocol: str = ""
    port: str = ""
    source: str = ""
    target: str = ""
    answer: str = ""

    @classmethod
    def parsed(cls, chain: str, words: list[str]) -> "Rule":
        """Parse a rule as typed; raise `ValueError` with the part that is not understood."""
        if chain not in {"INPUT", "FORWARD", "OUTPUT"}:
            raise ValueError(chain)
        found: dict[str, str] = {}
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word == "-m" and rest and rest[0] in {"tcp", "udp"}:
                rest.pop(0)
            elif word in _OPTIONS and rest:
                found[_OPTIONS[word]] = rest.pop(0)
            else:
                raise ValueError(word)
        if found.get("action") not in {"DROP", "REJECT", "ACCEPT"}:
            raise ValueError(f"-j {found.get('action', '')}")
        return cls(chain, **found)

    def __str__(self) -> str:
        parts = [f"-A {self.chain}"]
        parts += [f"-s {self.source}"] if self.source else []
        parts += [f"-d {self.target}"] if self.target else []
        parts += [f"-p {self.protocol}"] if self.protocol else []
        parts += [f"-m {self.protocol} --dport {self.port}"] if self.port else []
        parts.append(f"-j {self.action}")
        if self.action == "REJECT":
            parts.append(f"--reject-with {self.answer or 'icmp-port-unreachable'}")
        return " ".join(parts)

    def fits(self, source: str, target: str, port: int, protocol: str) -> bool:
        """Whether the rule matches the flow."""
        return (
            self.protocol.lower() in {"", "all", protocol.lower()}
            and self.port in {"", str(port)}
            and _inside(source, self.source)
            and _inside(target, self.target)
        )


def _inside(address: str, network: str) -> bool:
    return not network or ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


def judge(  # noqa: PLR0917 -- the parts of one call
    rules: Iterable[Rule], chain: str, source: str, target: str, port: int, protocol: str
) -> Literal["", "refused", "silent"]:  # fmt: skip
    """Return the target of the first rule that matches the flow; empty if the flow passes."""
    for rule in rules:
        if rule.chain == chain and rule.fits(source, target, port, protocol):
            return {"DROP": "silent", "REJECT": "refused"}.get(rule.action, "")  # type: ignore[return-value]
    return ""
