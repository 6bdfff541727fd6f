"""Where a simulated cluster lives: the process that owns it, the socket to it, the file it is kept in.

Begin with `cluster` (the lab's door to a cluster in this process) or `attached` (to one in another process).
"""
