"""The kubelet of one node: static pods, mirror pods, restarts, probes, statuses.

Begin with `kubelet`. It may import `plane`, `machine`, `api`, `timing` and `text`.
"""
