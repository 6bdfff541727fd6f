"""The programs that a person types on a node. They are clients of the model, and may know the whole world.

`registry` lists them. `kubectl/`, `crictl/` and `etcdctl/` have a program each, which begins in `main`, and know
nothing of each other. `node/` has a module for each other program, `golang/` what Go programs share.
It may import `shell`, `world` and all below them.

Begin with `registry`.
"""
