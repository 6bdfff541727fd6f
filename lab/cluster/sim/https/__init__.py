"""The API of a simulated cluster over HTTPS, for clients on this machine: kubectl, libraries.

Begin with `listener`. The libraries of the server are those of the extra `serve`; only an owner that is asked for
a kubeconfig loads them. All that concerns the cluster runs on the simulator's loop, all HTTP on a loop of its own.

It may import all packages of the simulator except `process`.
"""
