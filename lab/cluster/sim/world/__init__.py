"""One simulated cluster put together: its nodes, its parts, and the objects it begins with.

Begin with `world`. It may import `control`, `kubelet`, `network` and all below them.
"""
