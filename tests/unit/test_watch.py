"""When the cluster is looked at."""

from lab.tui.watch import Watch


def looked(at: float, seconds: float) -> Watch:
    watch = Watch()
    watch.looked(at, seconds)
    return watch


def test_the_first_look_is_due_at_once() -> None:
    assert Watch().due(0)


def test_a_pause_is_several_times_as_long_as_the_look() -> None:
    watch = looked(100, 4)
    watch.acted(101)

    assert not watch.due(115)
    assert watch.due(116)


def test_a_quick_look_is_still_no_burden() -> None:
    watch = looked(100, 0.01)
    watch.acted(101)

    assert not watch.due(104)
    assert watch.due(105)


def test_a_command_has_a_moment_to_show() -> None:
    watch = looked(100, 0.01)
    watch.acted(110)

    assert not watch.due(111)
    assert watch.due(111.5)


def test_what_takes_minutes_is_seen_too_and_idleness_slows_it_down() -> None:
    watch = looked(100, 1)
    watch.acted(100)
    watch.looked(200, 1)

    assert watch.due(205)
    watch.looked(300, 1)
    assert not watch.due(334)
    assert watch.due(335)
