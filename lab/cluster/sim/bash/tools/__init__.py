"""Text programs of a node. Programs that stream or wait are written here; one adapter runs all others.

The adapter runs a library's programs, which read their whole input first. Begin with `catalog`. This package may
import `running`, `expansion` and the packages below them, and no model of the cluster.
"""
