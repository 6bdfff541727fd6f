"""etcdctl check perf: a minute of writes, and their result."""

from lab.cluster.sim.api.etcd import NoSpaceError
from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.commands.etcdctl.connection import BAD_FEATURE, NO_SPACE, Client, connect

__all__ = ["datascale", "perf"]

_LOADS = {"s": (150, 50), "m": (1000, 200), "l": (8000, 500), "xl": (15000, 1000)}
_ALIASES = {"small": "s", "medium": "m", "large": "l", "xLarge": "xl"}
_SECONDS = 60
_KEY, _VALUE = 256, 1024


def _load(client: Client) -> str:
    told = client.flags.get("load", "s")
    load = _ALIASES.get(told, told)
    if load not in _LOADS:
        raise Exit(BAD_FEATURE, f"Error: unknown load option {told}")
    return load


async def perf(client: Client) -> int:
    """Write for a minute at the rate of a load, and report the result."""
    load = _load(client)
    limit, _ = _LOADS[load]
    if load != "s":
        raise NotSimulated(f"etcdctl check perf --load={load}")
    call = client.call
    prefix = client.flags.get("prefix", "/etcdctl-check-perf/")
    etcd = await client.etcd("KV/Range", patient=True)
    if next(iter(etcd.scan(prefix)), None):
        told = f"prefix \"{prefix}\" has keys. Delete with 'etcdctl del --prefix {prefix}' first"
        raise Exit(3, f"Error: {told}")
    failed = 0
    for second in range(_SECONDS):
        for number in range(limit):
            try:
                etcd.put(f"{prefix}{second:x}.{number:x}".ljust(_KEY, "\0"), "\0" * _VALUE, _VALUE)
            except NoSpaceError:
                failed += 1
                await client.refused("KV/Put", *NO_SPACE)
        await call.err(_bar(second + 1))
        await call.sleep(1)
        await connect(client)
    await call.err("\n")
    for key in [key for key, _ in etcd.scan(prefix)]:
        etcd.delete(key)
    call.world.poke()
    if client.flags.on("auto-compact"):
        etcd.compact(etcd.revision)
        await call.out(f"Compacting with revision {etcd.revision}\nCompacted with revision {etcd.revision}\n")
    if client.flags.on("auto-defrag"):
        etcd.defragment()
        await call.out(f'Defragmenting "{client.endpoints[0]}"\nDefragmented "{client.endpoints[0]}"\n')
    rate = (limit * _SECONDS - failed) // _SECONDS + bool(failed)
    if failed:
        await call.out("FAIL: too many errors\n")
        await call.out(f"FAIL: ERROR(etcdserver: mvcc: database space exceeded) -> {failed}\n")
    slow = "FAIL: Throughput too low:" if rate <= limit * 0.9 else "PASS: Throughput is"
    await call.out(f"{slow} {rate} writes/s\nPASS: Slowest request took 0.037285s\nPASS: Stddev is 0.001927s\n")
    await call.line("FAIL" if failed else "PASS")
    return 1 if failed else 0


def _bar(done: int) -> str:
    width = 40
    filled = width * done // _SECONDS
    return f" {done} / {_SECONDS} [{'-' * filled}>{'_' * (width - filled)}] {100 * done / _SECONDS:.2f}% 1 p/s\r"


async def datascale(client: Client) -> int:
    """Report that this is not simulated, or that the load is unknown."""
    _load(client)
    raise NotSimulated("etcdctl check datascale")
