"""kubectl: a client of the API server.

Begin with `main`. It may import `golang` and the model, and neither crictl nor etcdctl.
"""
