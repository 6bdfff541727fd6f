"""stty: the settings of the terminal."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["stty"]


async def stty(call: Call) -> int:
    """Print the terminal's size."""
    terminal = call.controlling
    if terminal is None:
        return await call.fail("stty: 'standard input': Inappropriate ioctl for device")
    if call.argv in (["-echo"], ["echo"], ["sane"]):
        terminal.echo = call.argv != ["-echo"]
        return 0
    if call.argv != ["size"]:
        return await call.fail(f"not simulated: stty {' '.join(call.argv)} (use --backend kind)")
    await call.line(f"{terminal.rows} {terminal.columns}")
    return 0
