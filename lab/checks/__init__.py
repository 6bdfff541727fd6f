"""Checks: the questions to the cluster, and the answers that earn points. One module for each family.

Begin with `base`. A check may import `lab.flows`, `lab.cluster.base`, `lab.cluster.tools` and `lab.core`. It runs
commands on nodes.
"""
