"""The embedded simulator: a model of a cluster with the same parts as the real thing, in one process.

Each package may import the packages below it, never those above it:

    process    the process of a simulated cluster, the socket to it, and the cluster's file
    login      a shell at a terminal: prompts, history, completion
    commands   the programs a person types, each in a module of its name
    shell      one bash session: reading a script, pipes, terminals, full-screen programs
    world      all parts of one cluster put together
    control    the controllers and the scheduler
    kubelet    the kubelet of a node: static pods, restarts, probes, statuses
    network    a verdict for each flow: policies, kube-proxy's rules, DNS, listeners
    plane      the control plane: etcd, the store, the API server, and when they answer
    machine    a node without Kubernetes: files, systemd, processes, the container runtime
    api        objects and what the API server and etcd do with them
    timing     the clock, and the event loop of all parts
    text       texts as Go prints them
    state      the state that outlives a process: its declarations, and the codec

`names` has the names of nodes. `lint-imports` checks the order; `tests/unit/test_structure.py` checks that
modules do not import each other in a circle.

Begin with `world.world`; `docs/simulator.md` follows one command through the packages.
"""
