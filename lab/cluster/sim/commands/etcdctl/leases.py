"""etcdctl lease: time granted to keys."""

import math
from typing import Any

from lab.cluster.sim.api.etcd import MEMBER_ID, Etcd, NoSpaceError
from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.commands.etcdctl.connection import NO_SPACE, Client, connect, number
from lab.cluster.sim.commands.etcdctl.printing import coded, fields_header, header, quoted, show
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["grant", "keep_alive", "leases", "revoke", "time_to_live"]

_LONGEST = 9_000_000_000
_MISSING = "etcdserver: requested lease not found"


def _identity(client: Client) -> int:
    return number(client.words[0], 16, lead="bad lease ID arg ", tail=", expecting ID in Hex")


def _id_field(client: Client, lease: int) -> str:
    return f'"ID" : {f"{lease:016x}" if client.hex else lease}'


async def grant(client: Client) -> int:
    """Grant a lease."""
    if len(client.words) != 1:
        raise client.usage("lease grant command needs TTL argument")
    ttl = number(client.words[0], 10, lead="bad TTL ")
    etcd = await _asked(client, "LeaseGrant", "failed to grant lease")
    if ttl > _LONGEST:
        told = "etcdserver: too large lease TTL"
        raise await client.refused("Lease/LeaseGrant", "OutOfRange", told, lead="failed to grant lease")
    try:
        lease = etcd.grant(ttl, client.call.now())
    except NoSpaceError:
        raise await client.refused("Lease/LeaseGrant", *NO_SPACE, lead="failed to grant lease") from None
    await show(
        client,
        simple=[f"lease {lease.id:016x} granted with TTL({lease.ttl}s)"],
        fields=[*fields_header(client, etcd), _id_field(client, lease.id), f'"TTL" : {lease.ttl}'],
        data={**header(etcd), "ID": lease.id, "TTL": lease.ttl, "Error": ""},
    )
    return 0


async def _asked(client: Client, method: str, lead: str) -> Etcd:
    """Return etcd; if it does not answer, end the command with `lead` before the reason."""
    try:
        return await client.etcd(f"Lease/{method}")
    except Exit as end:
        if end.message == "Error: context deadline exceeded":
            raise Exit(1, f"Error: {lead} (context deadline exceeded)") from None
        raise


async def revoke(client: Client) -> int:
    """End a lease with its keys."""
    if len(client.words) != 1:
        raise client.usage("lease revoke command needs 1 argument")
    lease = _identity(client)
    etcd = await _asked(client, "LeaseRevoke", "failed to revoke lease")
    if not etcd.revoke(lease):
        raise await client.refused("Lease/LeaseRevoke", "NotFound", _MISSING, lead="failed to revoke lease")
    await show(
        client,
        simple=[f"lease {lease:016x} revoked"],
        fields=fields_header(client, etcd),
        data={"header": header(etcd)},
    )
    return 0


async def time_to_live(client: Client) -> int:
    """Print the remaining time of a lease."""
    if len(client.words) != 1:
        raise client.usage("lease timetolive command needs lease ID as argument")
    number_ = _identity(client)
    etcd = await client.etcd("Lease/LeaseTimeToLive", patient=True)
    lease = etcd.leases.get(number_)
    told: dict[str, Any] = {**header(etcd), "id": number_, "ttl": -1, "granted-ttl": 0, "keys": None}
    if lease is None:
        fields = [*fields_header(client, etcd), _id_field(client, number_), '"TTL" : -1', '"GrantedTTL" : 0']
        await show(client, simple=[f"lease {number_:016x} already expired"], fields=fields, data=told)
        return 0
    # The answer comes a moment later and is in whole seconds.
    left = math.ceil(lease.expires - client.call.now()) - 1
    keys = etcd.attached(number_) if client.flags.on("keys") else []
    line = f"lease {number_:016x} granted with TTL({lease.ttl}s), remaining({left}s)"
    if client.flags.on("keys"):
        line += f", attached keys([{' '.join(keys)}])"
    fields = [*fields_header(client, etcd), _id_field(client, number_)]
    fields += [f'"TTL" : {left}', f'"GrantedTTL" : {lease.ttl}', *(f'"Key" : {quoted(key)}' for key in keys)]
    told |= {"ttl": left, "granted-ttl": lease.ttl, "keys": [coded(key) for key in keys] or None}
    await show(client, simple=[line], fields=fields, data=told)
    return 0


async def leases(client: Client) -> int:
    """Print leases. The API server has one per minute in which it wrote events, and one for masters."""
    etcd = await client.etcd("Lease/LeaseLeases", patient=True)
    found = [MEMBER_ID ^ number for number in range(1, 3)] if etcd.revision > 1 else []
    found += list(etcd.leases)
    await show(
        client,
        simple=[f"found {len(found)} leases", *(f"{each:016x}" for each in found)],
        fields=[*fields_header(client, etcd), *(_id_field(client, each) for each in found)],
        data={**header(etcd), "leases": [{"id": each} for each in found]},
    )
    return 0


async def keep_alive(client: Client) -> int:
    """Renew a lease, once or until it ends."""
    if len(client.words) != 1:
        raise client.usage("lease keep-alive command needs lease ID as argument")
    number_ = _identity(client)
    once = client.flags.on("once")
    await connect(client)
    while True:
        if not once and not client.answers():
            # Without an answer a client considers the lease lost.
            await client.call.sleep(parse_duration(client.flags.get("dial-timeout", "2s")) + 1)
            break
        etcd = await client.etcd("Lease/LeaseKeepAlive", patient=True)
        lease = etcd.leases.get(number_)
        if lease is None:
            break
        lease.expires = client.call.now() + lease.ttl
        await show(
            client,
            simple=[f"lease {number_:016x} keepalived with TTL({lease.ttl})"],
            fields=[*fields_header(client, etcd), _id_field(client, number_), f'"TTL" : {lease.ttl}'],
            data={**header(etcd), "ID": number_, "TTL": lease.ttl},
        )
        if once:
            return 0
        await client.call.sleep(lease.ttl / 3 + 0.01)
    if once:
        raise Exit(2, f"Error: {_MISSING}")
    if client.form == "simple":
        await client.call.line(f"lease {number_:016x} expired or revoked.")
    return 0
