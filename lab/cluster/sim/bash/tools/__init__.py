"""Text programs of a node: own versions of those that stream or wait, and one adapter for all others.

The adapter runs a library's programs, which read their whole input first. Begin with `catalog`. This package may
import `running`, `expansion` and the packages below them, and no model of the cluster.
"""
