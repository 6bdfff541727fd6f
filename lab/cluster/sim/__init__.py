"""The embedded simulator: a model of a cluster with the same parts as the real thing, in one process."""
