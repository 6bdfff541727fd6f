"""The controller manager and the scheduler: loops that make the cluster what its objects say.

Begin with `manager`. It may import `plane`, `api`, `timing` and `text`.
"""
