"""service: systemctl in other words."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["service"]


async def service(call: Call) -> int:
    """Do to a service what systemctl does."""
    if len(call.argv) != 2:
        return await call.fail(
            "Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]"
        )
    name, verb = call.argv
    return await call.run(["systemctl", "--no-pager", verb, name])
