"""Time: the clock that all parts share, the event loop, ages and durations. This package imports nothing.

Begin with `clock`.
"""
