"""Full-screen editors. They know a text, a screen and a few functions, and nothing of the simulated world.

Begin with `stage`, which runs one at a terminal. An editor imports no package of the simulator.
"""
