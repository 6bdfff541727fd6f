"""One bash session on a node: how a script is read, its pipes and its input, terminals, full-screen programs.

Begin with `session`. It may import `world` and what is below it.
"""
