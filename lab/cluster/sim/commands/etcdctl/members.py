"""etcdctl member, move-leader, downgrade, alarm, defrag: the cluster of one member."""

from urllib.parse import urlsplit

from lab.cluster.sim.api.etcd import CLUSTER_ID, MEMBER_ID, Etcd
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import BAD_FEATURE, Client, connect, number
from lab.cluster.sim.commands.etcdctl.printing import fields_header, grid, header, identity, show

__all__ = ["add", "alarm_disarm", "alarm_list", "defrag", "downgrade", "members", "move_leader", "promote", "remove", "update"]  # fmt: skip  # noqa: E501

_NOT_FOUND = "NotFound", "etcdserver: member not found"


def peer_urls(client: Client, etcd: Etcd) -> list[str]:
    """Return the addresses for other members."""
    return etcd.peer_urls or [f"https://{client.call.world.control_plane.ip}:2380"]


async def members(client: Client) -> int:
    """List the members."""
    if client.flags.get("consistency", "l") not in {"l", "s"}:
        # It prints the default of another command's flag.
        raise Exit(BAD_FEATURE, 'Error: unknown consistency flag "l"')
    etcd = await client.etcd("Cluster/MemberList")
    node = client.call.world.control_plane
    peers, clients = peer_urls(client, etcd), [f"https://{node.ip}:2379"]
    row = [f"{MEMBER_ID:x}", "started", node.name, ",".join(peers), ",".join(clients), "false"]
    member = {"ID": MEMBER_ID, "name": node.name, "peerURLs": peers, "clientURLs": clients}
    data: dict[str, object] = {"header": header(etcd, revision=False), "members": [member]}
    if client.hex:
        shown = {"cluster_id": f"{CLUSTER_ID:x}", "member_id": f"{MEMBER_ID:x}", "raft_term": etcd.term}
        data = {"header": shown, "members": [{**member, "ID": f"{MEMBER_ID:x}"}]}
    await show(
        client,
        simple=[", ".join(row)],
        fields=[
            *fields_header(client, etcd, revision=False),
            f'"ID" : {identity(client, MEMBER_ID)}',
            f'"Name" : "{node.name}"',
            *(f'"PeerURL" : "{url}"' for url in peers),
            *(f'"ClientURL" : "{url}"' for url in clients),
            '"IsLearner" : false',
            "",
        ],
        data=data,
        table=grid(("ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER"), [row]),
    )
    return 0


def _member(client: Client) -> int:
    if len(client.words) != 1:
        raise client.usage("member ID is not provided")
    return number(client.words[0], 16, "ParseUint", lead="bad member ID arg ", tail=", expecting ID in Hex")


def _urls(client: Client) -> list[str]:
    if not client.flags.get("peer-urls"):
        raise client.usage("member peer urls not provided")
    return client.flags.get("peer-urls").split(",")


def _checked(urls: list[str]) -> None:
    for url in urls:
        if urlsplit(url).scheme not in {"http", "https", "unix", "unixs"}:
            raise Exit(1, f"Error: URL scheme must be http, https, unix, or unixs: {url}")
        if ":" not in urlsplit(url).netloc:
            raise Exit(1, f'Error: URL address does not have the form "host:port": {url}')


async def add(client: Client) -> int:
    """Refuse a member as etcd does; a second member that never joins would stop the store."""
    if not client.words:
        raise client.usage("member name not provided")
    if len(client.words) > 1:
        meant = "".join(f", did you mean --peer-urls={w}" for w in client.words if w.lower().startswith("http"))
        raise client.usage(f"too many arguments{meant}")
    urls = _urls(client)
    await connect(client)
    _checked(urls)
    await client.etcd("Cluster/MemberAdd")
    raise NotSimulated("etcdctl member add")


async def remove(client: Client) -> int:
    """Refuse to remove a member: there is only one."""
    member = _member(client)
    await client.etcd("Cluster/MemberRemove")
    if member == MEMBER_ID:
        raise NotSimulated("etcdctl member remove, of the only member")
    raise await client.refused("Cluster/MemberRemove", *_NOT_FOUND)


async def update(client: Client) -> int:
    """Change the peer addresses of a member."""
    member, urls = _member(client), _urls(client)
    await connect(client)
    _checked(urls)
    etcd = await client.etcd("Cluster/MemberUpdate")
    if member != MEMBER_ID:
        raise await client.refused("Cluster/MemberUpdate", *_NOT_FOUND)
    etcd.peer_urls = urls
    etcd.index += 1
    await show(
        client,
        simple=[f"Member {member:16x} updated in cluster {CLUSTER_ID:16x}"],
        data={"header": header(etcd, revision=False)},
    )
    return 0


async def promote(client: Client) -> int:
    """Refuse to promote a member: none is a learner."""
    member = _member(client)
    await client.etcd("Cluster/MemberPromote")
    if member != MEMBER_ID:
        raise await client.refused("Cluster/MemberPromote", *_NOT_FOUND)
    told = "etcdserver: can only promote a learner member"
    raise await client.refused("Cluster/MemberPromote", "FailedPrecondition", told)


async def move_leader(client: Client) -> int:
    """Move the leadership: the only member has it already."""
    if len(client.words) != 1:
        raise client.usage("move-leader command needs 1 argument")
    target = number(client.words[0], 16, "ParseUint")
    etcd = await client.etcd("Maintenance/Status")
    if target != MEMBER_ID:
        told = "etcdserver: bad leader transferee"
        raise await client.refused("Maintenance/MoveLeader", "FailedPrecondition", told)
    line = f"Leadership transferred from {MEMBER_ID:x} to {target:x}"
    await show(client, simple=[line], data={"header": header(etcd)})
    return 0


async def downgrade(client: Client) -> int:
    """Check whether the store could be downgraded to a version."""
    what = client.command.split()[1]
    words = client.words
    if what != "cancel" and len(words) != 1:
        raise client.usage("too many arguments" if words else "TARGET_VERSION not provided")
    if what != "cancel" and not words[0]:
        raise client.usage("target version not provided")
    etcd = await client.etcd("Maintenance/Downgrade")
    if what == "enable":
        raise NotSimulated("etcdctl downgrade enable")
    version = words[0] if words else ""
    parts = version.split(".")
    if what == "validate":
        told = ""
        if not 2 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
            told = "etcdserver: wrong downgrade target version format"
        elif parts[:2] != ["3", "5"]:
            told = "etcdserver: invalid downgrade target version"
        if told:
            raise await client.refused("Maintenance/Downgrade", "InvalidArgument", told)
    line = f"Downgrade {what} success, cluster version 3.6"
    await show(client, simple=[line], data={"header": header(etcd), "version": "3.6"})
    return 0


def _no_words(client: Client) -> None:
    if client.words:
        raise client.usage(f"{client.command} command accepts no arguments")


async def _alarms(client: Client, etcd: Etcd, *, on: bool, headed: bool) -> None:
    data: dict[str, object] = {"header": header(etcd)} if headed else {}
    if on:
        data["alarms"] = [{"memberID": MEMBER_ID, "alarm": 1}]
    told = [f'"MemberID" : {identity(client, MEMBER_ID)}', '"AlarmType" : NOSPACE', ""] if on else []
    fields = [*fields_header(client, etcd), *told]
    if client.form == "fields" and not headed:
        raise NotSimulated("etcdctl alarm disarm -w fields, of which etcdctl 3.6 dies")
    simple = [f"memberID:{MEMBER_ID} alarm:NOSPACE "] if on else []
    await show(client, simple=simple, fields=fields, data=data)


async def alarm_list(client: Client) -> int:
    """List alarms."""
    _no_words(client)
    etcd = await client.etcd("Maintenance/Alarm")
    await _alarms(client, etcd, on=etcd.alarm, headed=True)
    return 0


async def alarm_disarm(client: Client) -> int:
    """Clear all alarms."""
    _no_words(client)
    etcd = await client.etcd("Maintenance/Alarm")
    await _alarms(client, etcd, on=etcd.disarm(), headed=False)
    client.call.world.poke()
    return 0


async def defrag(client: Client) -> int:
    """Free empty pages."""
    await connect(client)
    endpoints = client.endpoints
    if client.flags.on("cluster"):
        await client.etcd("Cluster/MemberList")
        endpoints = [f"https://{client.call.world.control_plane.ip}:2379"]
    code = 0
    for where in endpoints:
        try:
            etcd = await client.etcd("Maintenance/Defragment", where)
        except Exit as end:
            told = end.message.removeprefix("Error: ")
            took = f"{client.flags.get('command-timeout', '5s').removesuffix('s')}.000925312s"
            await client.call.err(f"Failed to defragment etcd member[{where}]. took {took}. ({told})\n")
            code = 1
        else:
            etcd.defragment()
            await client.call.line(f"Finished defragmenting etcd member[{where}]. took 41.839161ms")
    return code
