"""Time: the clock that everybody is given, the event loop, ages and durations. It imports nothing."""
