"""service: the old form of systemctl."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["service"]


async def service(call: Call) -> int:
    """Translate the words into those of systemctl."""
    if len(call.argv) != 2:
        return await call.fail(
            "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]"
        )
    name, verb = call.argv
    return await call.run(["systemctl", "--no-pager", verb, name])
