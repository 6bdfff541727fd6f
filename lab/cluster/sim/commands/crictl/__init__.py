"""crictl: a client of the node's container runtime. Begin with `main`.

It may import `golang` and the model, and neither kubectl nor etcdctl.
"""
