"""iptables: prints the rules of the packet filter, and changes rules of the built-in chains."""

import re
import shlex

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.machine.firewall import Rule
from lab.cluster.sim.network.packet_filter import BUILT_IN, chains

__all__ = ["iptables", "iptables_save"]

_ME = "iptables v1.8.9 (nf_tables)"
_TRY = "Try `iptables -h' or 'iptables --help' for more information."
_NO_CHAIN = "iptables: No chain/target/match by that name."
_LONG = {
    "--list-rules": "-S",
    "--list": "-L",
    "--append": "-A",
    "--insert": "-I",
    "--delete": "-D",
    "--check": "-C",
    "--policy": "-P",
    "--flush": "-F",
    "--table": "-t",
    "--numeric": "-n",
    "--verbose": "-v",
    "--wait": "-w",
}


_OPTIONS = {
    "-S", "-L", "-P", "-F", "-N", "-X", "-Z", "-E", "-t", "-n", "-v", "-w", "-x", "-h", "-V", "-4", "-6", "-p",
    "-s", "-d", "-i", "-o", "-j", "-g", "-m", "-f", "-c", "-M", "-W", "-R", "--help", "--version", "--exact",
    "--protocol", "--source", "--destination", "--jump", "--match", "--in-interface", "--out-interface",
    "--new-chain", "--delete-chain", "--zero", "--rename-chain", "--replace", "--ipv4", "--ipv6", "--goto",
    "--fragments", "--set-counters", "--modprobe", "--wait-interval", "--src", "--dst", "--proto",
}  # fmt: skip


#: Options of a rule, which take a value; commands that show or change whole chains refuse them.
_RULES_OWN = {"-o", "-i", "-s", "-d", "-p"}
_VALUED = {*_RULES_OWN, "-t"}


async def iptables(call: Call) -> int:
    """Run iptables."""
    try:
        _check_options(call.argv)
        table, argv = _table(call.argv)
        return await _run(call, table, argv)
    except Exit as end:
        return await call.fail(end.message, end.code)


def _check_options(argv: list[str]) -> None:
    """Refuse unknown and repeated options of a call that lists rules, or that says nothing to do."""
    words = [part for word in argv for part in _split(word)]
    if any(word in {"-A", "-I", "-D", "-C"} for word in words):
        return  # options of matches and targets, which these verbs read
    values = {index + 1 for index, word in enumerate(words) if word in _VALUED}
    for index, word in enumerate(words):
        if index in values:
            continue
        if word.startswith("-") and word not in _OPTIONS and not word.startswith("--line-"):
            raise Exit(2, f'{_ME}: unknown option "{word}"\n{_TRY}')
        if word in {"-n", "-x"} and word in words[:index]:
            raise Exit(2, f"{_ME}: multiple {word} flags not allowed\n{_TRY}")
    if any(word in {"-L", "-S", "-F", "-P", "-N", "-X", "-Z"} for word in words):
        wrong = next(
            (word for index, word in enumerate(words) if word in _RULES_OWN and index not in values), None
        )
        if wrong is not None:
            raise Exit(2, f"{_ME}: Illegal option `{wrong}' with this command\n{_TRY}")


def _table(argv: list[str]) -> tuple[str, list[str]]:
    words = [part for word in argv for part in _split(word)]
    table = "filter"
    if "-t" in words[:-1]:
        at = words.index("-t")
        table = words[at + 1]
        del words[at : at + 2]
    if table not in BUILT_IN:
        raise Exit(
            3, f"{_ME}: table '{table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded."
        )
    return table, [word for word in words if word != "-w"]


def _split(word: str) -> list[str]:
    """Split a word of several switches (`-nL`, `-vnL`)."""
    word = _LONG.get(word, word)
    return [f"-{letter}" for letter in word[1:]] if re.fullmatch(r"-[nvL]{2,}", word) else [word]


#: A port of the node without a listener: connections to it are refused. Only this use of it is simulated.
_NOBODY = ["--to-destination", "127.0.0.1:1"]


async def _run(call: Call, table: str, argv: list[str]) -> int:
    verbs = [word for word in argv if word in {"-S", "-L", "-A", "-I", "-D", "-C", "-P", "-F", "-N", "-X", "-Z"}]
    if not verbs:
        unknown = next((word for word in argv if word.startswith("--")), None)
        told = f'unknown option "{unknown}"' if unknown else "no command specified"
        raise Exit(2, f"{_ME}: {told}\n{_TRY}")
    verb = verbs[0]
    rest = [word for word in argv if word != verb]
    if verb in {"-S", "-L"}:
        named = [word for word in rest if not word.startswith("-")]
        return await _show(call, table, verb, named[0] if named else "", flags={w for w in rest if w[:1] == "-"})
    if verb == "-P":
        return await _policy(table, rest)
    if verb in {"-A", "-I", "-D", "-C"} and table == "filter":
        return await _change(call, verb, rest)
    if verb in {"-I", "-D"} and table == "nat" and rest[-2:] == _NOBODY:
        return await _change(call, verb, [*rest[: rest.index("-j")], "-j", "REJECT", "--reject-with", "tcp-reset"])
    raise NotSimulated(f"iptables {' '.join(call.argv)}")


async def _policy(table: str, words: list[str]) -> int:
    if len(words) < 2:
        raise Exit(2, f"{_ME}: -P requires a chain and a policy\n{_TRY}")
    if words[0] not in BUILT_IN[table]:
        raise Exit(1, "iptables: Bad built-in chain name.")
    if words[1] != "ACCEPT":
        raise NotSimulated(f"iptables -P {' '.join(words)}")
    return 0


async def _change(call: Call, verb: str, words: list[str]) -> int:
    """Insert, append, check or delete a rule of a built-in chain."""
    if not words:
        raise Exit(2, f'{_ME}: option "{verb}" requires an argument\n{_TRY}')
    chain, *words = words
    known = chains(call.world.network, call.node, "filter")
    if chain not in known:
        raise Exit(1, _NO_CHAIN)
    target = words[words.index("-j") + 1] if "-j" in words[:-1] else ""
    if target and target not in {"DROP", "REJECT", "ACCEPT", "RETURN", "LOG", "MARK", *known}:
        raise Exit(2, f"{_ME}: Chain '{target}' does not exist\n{_TRY}")
    if verb == "-I" and words and words[0].isdigit():
        words = words[1:]
    try:
        rule = Rule.parsed(chain, words)
    except ValueError as error:
        raise NotSimulated(f"iptables {error}") from None
    firewall = call.node.firewall
    if verb in {"-D", "-C"}:
        if rule not in firewall:
            raise Exit(1, "iptables: Bad rule (does a matching rule exist in that chain?).")
        if verb == "-D":
            firewall.remove(rule)
    else:
        firewall.insert(0 if verb == "-I" else len(firewall), rule)
    return 0


async def _show(call: Call, table: str, verb: str, chain: str, *, flags: set[str]) -> int:
    found = chains(call.world.network, call.node, table)
    if chain and chain not in found:
        raise Exit(1, f"{_ME}: chain `{chain}' in table `{table}' is incompatible, use 'nft' tool.")
    shown = {chain: found[chain]} if chain else found
    if verb == "-S":
        lines = [f"-P {name} ACCEPT" if name in BUILT_IN[table] else f"-N {name}" for name in shown]
        lines += [f"-A {name} {rule}" for name, rules in shown.items() for rule in rules]
        await call.out("".join(f"{line}\n" for line in lines))
        return 0
    if flags - {"-n"}:
        raise NotSimulated(f"iptables -L {' '.join(sorted(flags - {'-n'}))}")
    every = [rule for rules in found.values() for rule in rules]
    for index, (name, rules) in enumerate(shown.items()):
        uses = sum(rule.endswith(f"-j {name}") for rule in every)
        head = "(policy ACCEPT)" if name in BUILT_IN[table] else f"({uses} references)"
        await call.out("\n" if index else "")
        await call.out(f"Chain {name} {head}\ntarget     prot opt source               destination         \n")
        await call.out("".join(f"{_row(rule, numeric='-n' in flags)}\n" for rule in rules))
    return 0


def _row(rule: str, *, numeric: bool) -> str:
    """Return a rule as -L prints it."""
    anywhere, any_protocol = ("0.0.0.0/0", "0") if numeric else ("anywhere", "all")
    found = {"-s": anywhere, "-d": anywhere, "-p": any_protocol, "-j": ""}
    more: list[str] = []
    words = shlex.split(rule.replace("\\'", "'"))
    mark = ""
    while words:
        word = words.pop(0)
        if word == "!":
            mark = "!"
            continue
        value = words.pop(0) if words else ""
        if word in found:
            found[word] = mark + value.removesuffix("/32")
        elif word in _SHOWN:
            more.append(_SHOWN[word].format(value=value, no=f"{mark} ".lstrip(), protocol=found["-p"]))
        mark = mark if word == "-m" else ""
    protocol = {"tcp": "6", "udp": "17"}.get(found["-p"], found["-p"]) if numeric else found["-p"]
    source = found["-s"] if found["-s"].startswith("!") else f" {found['-s']}"
    return f"{found['-j']:<9}  {protocol:<4} -- {source:<21} {found['-d']:<20} {' '.join(more)}".rstrip() + (
        "" if more else "           "
    )


#: Formats for the parts of a rule that have no column.
_SHOWN = {
    "--comment": "/* {value} */",
    "--ctstate": "{no}ctstate {value}",
    "--mark": "mark match {no}{value}",
    "--dport": "{protocol} dpt:{value}",
    "--sport": "{protocol} spt:{value}",
    "--reject-with": "reject-with {value}",
    "--to-destination": "to:{value}",
    "--nfacct-name": "nfacct-name  {value}",
}


async def iptables_save(call: Call) -> int:
    """Show all rules."""
    if call.argv:
        return await call.fail(f"not simulated: iptables-save {' '.join(call.argv)} (use --backend kind)")
    for table in ("mangle", "filter", "nat"):
        found = chains(call.world.network, call.node, table)
        heads = [f":{name} {'ACCEPT' if name in BUILT_IN[table] else '-'} [0:0]" for name in found]
        body = [f"-A {name} {rule}" for name, rules in found.items() for rule in rules]
        await call.out("\n".join([f"*{table}", *heads, *body, "COMMIT"]) + "\n")
    return 0
