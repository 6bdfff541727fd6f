"""A bundle: one file from which kluster is installed without a network. `docs/offline.md` describes it.

Begin with `make`. It may import `lab.cluster.kind`, and nothing of a lab. `install` and `check` are the receiver's
program: they import only the standard library.
"""
