"""The drill at the end of an attempt: it acts where a check can only read, and grades the cluster's reaction.

Begin with `run`. A step may import `lab.checks`, `lab.grader`, `lab.cluster.tools` and `lab.core`. It acts by
commands on nodes, and cleans up after itself.
"""
