"""Text programs of a node: those that stream or wait, and one adapter for those that see their input whole.

Begin with `catalog`. This package may import `running`, `expansion` and what is below them, and no model of
the cluster.
"""
