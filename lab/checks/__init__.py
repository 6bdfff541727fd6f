"""One module a family of checks: what is asked of the cluster, and what answer earns the points."""
