"""etcdctl and etcdutl: clients of etcd. Begin with `main`."""
