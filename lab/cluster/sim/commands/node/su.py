"""su: runs a command as another user."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["su"]


async def su(call: Call) -> int:
    """Run a command as root, who is already the user."""
    words = [word for word in call.argv if word not in {"-", "-l", "root"}]
    if len(words) != 2 or words[0] != "-c":
        return await call.fail(NotSimulated(f"su {' '.join(call.argv)}".strip()).message)
    return await call.run(["bash", "-c", words[1]])
