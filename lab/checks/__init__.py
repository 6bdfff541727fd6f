"""Checks: what they ask of the cluster, and which answers earn points. One module for each family.

Begin with `base`. A check may import `lab.flows`, `lab.cluster.base`, `lab.cluster.tools` and `lab.core`. It asks
by commands on nodes.
"""
