"""One simulated cluster put together: its nodes, its parts, and its initial objects.

Begin with `world`. This package may import `control`, `kubelet`, `network` and the packages below them.
"""
