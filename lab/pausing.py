"""Pausing an attempt: its clock stops, and on the simulator the cluster too."""

from datetime import timedelta

from lab.core.modes import Act
from lab.core.session import State, WrongStateError
from lab.lab import Lab
from lab.store import now

__all__ = ["WARNING", "pause", "resume"]

#: The warning if only the clock stops.
WARNING = (
    "Only the clock of the attempt stops. The cluster is real and keeps running, so its faults keep acting during "
    "the pause."
)


def pause(lab: Lab) -> bool:
    """Stop the clock of the running attempt; return whether the cluster is stopped too."""
    with lab.store.alone():
        lab.require(Act.PAUSE)
        session = lab.session
        session.need([State.BROKEN, State.PAUSED], "pause")
        fresh = session.state is State.BROKEN
        # First: a stopped cluster in a lab that is not paused would look like a hanging one.
        if fresh:
            with lab.store.update() as session:
                session.pause(now())
        try:
            stands = lab.cluster.hold()
        except BaseException:
            if fresh:
                with lab.store.update() as session:
                    session.resume(now())
                    session.pauses.pop()
            raise
        with lab.store.update() as session:
            session.pauses[-1].cluster_stands = stands
        if fresh:
            lab.store.event("paused", "the clock stands still")
    return stands


def resume(lab: Lab) -> timedelta:
    """Resume the clock and the cluster of a paused attempt; return how long the pause was."""
    with lab.store.alone():
        lab.require(Act.PAUSE)
        session = lab.session
        if session.state is not State.PAUSED:
            raise WrongStateError(f"Lab {session.name} is not paused.", "", session.next_step)
        lab.cluster.release()
        with lab.store.update() as session:
            length = session.resume(now())
        lab.store.event("resumed", "the clock runs", seconds=round(length.total_seconds(), 1))
    return length
