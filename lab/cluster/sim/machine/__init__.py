"""A node without Kubernetes: files, journal, systemd, processes, the container runtime, the packet filter.

Begin with `runtime` or `systemd`. It may import `timing` and `text`.
"""
