"""The home of a simulated cluster: its owner process, the socket to that process, and its file.

Begin with `cluster` (a cluster in this process) or `attached` (a cluster in another process).

It may import all packages below it; `attached` imports no model.
"""
