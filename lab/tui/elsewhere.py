"""What another terminal did to the lab of this screen, so that its attempt can't continue."""

from lab.core.session import Session, State
from lab.errors import LabError

__all__ = ["lost"]

#: How another terminal changes, or changed, a lab into a state in which nobody can play.
_ELSEWHERE = {
    State.CREATING: "is being created again",
    State.HEALTHY: "was reset",
    State.INJECTING: "is being broken again",
    State.BROKEN: "was broken again",
    State.PAUSED: "was broken again",
    State.RESETTING: "is being reset",
    State.DELETING: "is being removed",
}
#: The same after an error.
_FAILED = {
    State.CREATING: "could not be created again",
    State.INJECTING: "could not be broken again",
    State.RESETTING: "could not be reset",
    State.DELETING: "could not be removed",
}


def lost(session: Session, begun: Session) -> LabError | None:
    """Return why the attempt of `begun` can't continue in `session`, the same lab now; None if it can."""
    running = session.state in {State.BROKEN, State.PAUSED}
    if session.over or (running and session.started == begun.started):
        return None
    # The lab's own advice takes a command that still runs for an interrupted one.
    runs = session.state in _FAILED and not session.failed
    happened = _FAILED[session.state] if session.failed else _ELSEWHERE[session.state]
    return LabError(
        f"Lab {session.name} {happened}, in another terminal.",
        "This attempt is over.",
        "Wait for that command; then: kluster play" if runs else session.next_step,
    )
