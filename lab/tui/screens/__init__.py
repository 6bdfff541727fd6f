"""The screens: one module each.

Begin with `play`. A screen may import `widgets`, `terminal` and the modules of `lab.tui`.
"""
