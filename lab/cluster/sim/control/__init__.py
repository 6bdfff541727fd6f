"""The controller manager and the scheduler: loops that make the cluster match its objects.

Begin with `manager`. It may import `plane`, `api`, `timing` and `text`.
"""
