"""The embedded simulator: a model of a cluster with the same parts as the real thing, in one process.

Each package may import the packages below it, never those above it:

    process    where a simulated cluster lives: its own process, the socket to it, its file
    login      a shell at a terminal: prompts, history, completion
    commands   the programs a person types, each in a module of its name
    shell      one bash session: reading a script, pipes, terminals, full-screen programs
    world      all parts of one cluster put together
    control    the controllers and the scheduler
    kubelet    the kubelet of a node: static pods, restarts, probes, statuses
    network    a verdict for each flow: policies, kube-proxy's rules, DNS, listeners
    plane      the control plane's programs
    machine    a node without Kubernetes: files, systemd, processes, the container runtime
    api        objects and what the API server and etcd do with them
    timing     the clock
    text       texts as Go prints them
"""
