"""Short texts that several parts of the play screen show."""

from datetime import datetime, timedelta

from rich.text import Text

from lab.commands.invocation import with_lab
from lab.errors import LabError

__all__ = ["at_the_end", "causes", "clock", "countdown", "error_text"]


def clock(passed: timedelta) -> str:
    """Return a duration as hours, minutes and seconds."""
    seconds = max(0, int(passed.total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def at_the_end(*, drill: bool) -> str:
    """Return the effects of a submission on the cluster, with or without the scenario's drill."""
    if drill:
        return "The drill runs: nodes reboot, which ends the shells; pods are deleted and started."
    return "The cluster is watched for a minute, and a kube-proxy pod is deleted to see it return."


def causes(said: int, symptoms: int) -> str:
    """Return the number of symptoms with a saved cause."""
    return f"causes {said} of {symptoms}"


def countdown(deadline: datetime, now: datetime) -> str:
    """Return the time until `deadline` as hours, minutes and seconds."""
    return f"{clock(deadline - now)} left"


def error_text(error: LabError, lab: str) -> Text:
    """Return an error for the player of `lab`: title, finding, remedy. Nothing in it is markup."""
    text = Text(error.title, "bold")
    if error.detail:
        text.append(f"\n{error.detail}", "not bold")
    if error.remedy:
        text.append(f"\n→ {with_lab(error.remedy, lab)}", "not bold")
    return text
