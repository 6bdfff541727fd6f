"""The control plane: etcd, the store, the API server and the events, and when its programs answer or give up.

Begin with `control_plane`. It may import `machine`, `api`, `timing` and `text`.
"""
