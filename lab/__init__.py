"""Kluster 005: a lab for learning to repair a broken Kubernetes cluster.

Begin with `lab`: every command goes through it. `CONTRIBUTING.md` lists the packages and says where to go for a
change. `cli` and `serve` may import everything else, `errors` and `places` import nothing of the lab.
"""

__version__ = "0.1.0"
