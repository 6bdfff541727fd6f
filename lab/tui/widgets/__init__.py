"""The parts of screens: one module each.

Begin with `brief`. A widget may import `terminal`, and no screen.
"""
