"""The lab's own work on nodes of either backend: kubectl, etcdctl, static pods, missing tools.

Begin with `api`. Everything here is a command on a node: it imports `lab.cluster.base` and nothing of a backend.
"""
