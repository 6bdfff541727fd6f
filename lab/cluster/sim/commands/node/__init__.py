"""Programs of a node's system, each in a module of its name: curl, ip, ps, systemctl, ...

Begin with `df`, a short one. A program may import `world` and the packages below it, and the option parsers of
`lab.cluster.sim.commands`; modules without a command hold what several programs share.
"""
