"""The state that a simulated cluster keeps between processes: how classes declare state, and the one codec for it.

Begin with `declared`. This package imports no other package of the simulator.
"""
