"""Time: the clock that everybody is given, ages and durations."""
