"""crictl: a client of the node's container runtime. Begin with `main`."""
