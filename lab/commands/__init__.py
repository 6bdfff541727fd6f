"""The commands of `kluster`, in modules of one or a few related commands.

Begin with `invocation`. A command may import `lab.lab` and all below it, and no screen: `lab.cli` calls it.
"""
