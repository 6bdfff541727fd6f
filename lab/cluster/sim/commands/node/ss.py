"""ss: the listening sockets of a node."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.network.listeners import listening_ports

__all__ = ["ss"]

_LONG = {"--tcp": "t", "--udp": "u", "--listening": "l", "--numeric": "n", "--processes": "p", "--all": "a"}
#: Words that begin or join a filter. Any other word is read as an address.
_FILTERS = {
    "state",
    "exclude",
    "dst",
    "src",
    "dport",
    "sport",
    "dev",
    "not",
    "and",
    "or",
    "(",
    ")",
    "!",
    "autobound",
}
_HEAD = "State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess{}"
_HEAD_BOTH = "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess{}"


async def ss(call: Call) -> int:
    """Print the listening sockets."""
    words = [word for word in call.argv if not word.startswith("-")]
    if words and words[0] not in _FILTERS and not words[0].startswith((":", "*")):
        if {"-0", "--packet"} & set(call.argv):
            return await call.fail("Cannot parse dst/src address.")
        return await call.fail(f'Error: an inet prefix is expected rather than "{words[0]}".')
    letters = set()
    for word in call.argv:
        if word in _LONG:
            letters.add(_LONG[word])
        elif word.startswith("-") and not word.startswith("--"):
            letters |= set(word[1:])
        else:
            return await call.fail(f"not simulated: ss {word} (use --backend kind)")
    if letters - set("tulnpa4H") or "l" not in letters:
        return await call.fail(f"not simulated: ss {' '.join(call.argv)} (use --backend kind)")
    tcp = "t" in letters or "u" not in letters
    head = _HEAD if len(letters & {"t", "u"}) == 1 else _HEAD_BOTH
    first = "" if head is _HEAD else "tcp   "
    rows = [] if "H" in letters else [head.format(" " * 34)]
    for address, port, program in listening_ports(call.plane, call.node) if tcp else []:
        process = f'users:(("{program}",pid={800 + port % 997},fd=7))' if "p" in letters else ""
        rows.append(f"{first}LISTEN 0      4096   {address + ':' + str(port):>18}       0.0.0.0:*    {process}")
    await call.out("".join(f"{row}\n" for row in rows))
    return 0
