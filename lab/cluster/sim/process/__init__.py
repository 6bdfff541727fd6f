"""The home of a simulated cluster: its owner process, the socket to that process, and the file it is saved in.

Begin with `cluster` (the lab's door to a cluster in this process) or `attached` (to one in another process).

It may import all packages below it; `attached` imports no model.
"""
