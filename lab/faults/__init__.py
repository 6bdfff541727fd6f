"""Faults, one module for each kind.

Begin with `base`. A fault may import `lab.flows`, `lab.cluster.base` and `lab.cluster.tools`. It acts by commands
on nodes.
"""
