"""The vi of a Debian node: Vim 9.0 as `vim-tiny` builds it, with Vi's defaults when it is called `vi`.

Begin with `editor`, then `normal`. It may import `editing`, and no package of the simulator.
"""
