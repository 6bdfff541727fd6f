"""The nano of a Debian node: version 7.2 with Debian's nanorc.

Begin with `editor`. It may import `editing`, and no package of the simulator.
"""
