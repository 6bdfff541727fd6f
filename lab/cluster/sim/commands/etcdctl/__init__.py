"""etcdctl and etcdutl: clients of etcd. Begin with `main`.

It may import `golang` and the model, and neither kubectl nor crictl.
"""
