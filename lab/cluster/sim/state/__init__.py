"""What a simulated cluster keeps between processes: how a class declares its state, and the one codec for it.

Begin with `declared`. It imports no other package of the simulator.
"""
