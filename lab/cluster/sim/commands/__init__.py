"""The programs that a person types on a node. They are clients of the model, and may know the whole world.

`registry` lists them. `kubectl/`, `crictl/` and `etcdctl/` each have one program, which begins in `main`, and do
not import each other. `node/` has a module for each other program; `golang/` has the parts that Go programs share.
This package may import `shell`, `world` and the packages below them.

Begin with `registry`.
"""
