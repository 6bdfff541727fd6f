"""ping: sends echo requests."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["ping"]


async def ping(call: Call) -> int:
    """Send echo requests."""
    count, wait, target = 0, 10.0, ""
    argv = list(call.argv)
    while argv:
        word = argv.pop(0)
        if word[:2] in {"-c", "-W", "-i", "-w"}:
            value = word[2:] or (argv.pop(0) if argv else "1")
            count = int(value) if word.startswith("-c") else count
            wait = float(value) if word.startswith("-W") else wait
        elif word.startswith("-"):
            return await call.fail(f"not simulated: ping {word} (use --backend kind)")
        else:
            target = word
    found = call.world.resolver.resolve(call.place.source, target)
    await call.sleep(found.seconds)
    if not found.address:
        how = "Temporary failure in name resolution" if found.how != "nxdomain" else "Name or service not known"
        return await call.fail(f"ping: {target}: {how}", 2)
    return await _echo(call, target, found.address, count, wait)


async def _echo(call: Call, target: str, address: str, count: int, wait: float) -> int:
    if call.place.sandbox is not None and not call.place.sandbox.host_network:
        # The app's pods have dropped the capability that ping needs.
        await call.line(f"PING {target} ({address}): 56 data bytes")
        return await call.fail("ping: permission denied (are you root?)")
    await call.line(f"PING {target} ({address}) 56(84) bytes of data.")
    # A Service's address answers no echo: kube-proxy translates only its ports.
    reached = (
        not address.startswith("10.96.")
        and call.world.network.connect(call.place.source, address, 1).kind != "silent"
    )
    sent = received = 0
    while not count or sent < count:
        sent += 1
        if reached:
            received += 1
            await call.line(f"64 bytes from {address}: icmp_seq={sent} ttl=63 time=0.071 ms")
        if not count or sent < count:
            await call.sleep(1.0)
        elif not reached:
            await call.sleep(wait)
    loss = 100 * (sent - received) // sent
    await call.out(
        f"\n--- {target} ping statistics ---\n{sent} packets transmitted, {received} received, {loss}% packet loss, "  # noqa: E501 -- as it is printed
        f"time {(sent - 1) * 1000}ms\n"
    )
    return 0 if received else 1
