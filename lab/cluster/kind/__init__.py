"""The kind backend: a real cluster whose nodes are Docker containers.

Begin with `cluster`. It may import `lab.cluster.base` and `lab.cluster.tools`, never the simulator.
"""
