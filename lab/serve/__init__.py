"""Seats: many people play one event in browsers, served by one machine.

Begin with `command`, then `server` and `seats`. `server` runs in the process that browsers reach, `worker` and
`seats` in the processes with the labs, `event` keeps the folder of an event, `report` reads it, and `visit` joins
from a terminal. This package may import `lab.tui` and all below it; nothing imports it but `lab.cli`.
"""

__all__: list[str] = []
