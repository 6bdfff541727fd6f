"""A node without Kubernetes: files, journal, systemd, processes, the container runtime, the packet filter.

Begin with `machine`, which puts them together. It may import `api` (for objects), `timing` and `text`.
"""
