"""The only access to a cluster.

Begin with `base`: the protocols of a cluster, a node and a shell. `kind/` and `sim/` implement them, `tools/`
works on the nodes of both. It may import `lab.core`, and nothing else of the lab but errors, places and progress.
"""
