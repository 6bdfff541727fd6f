"""When a lab is looked at."""

import dataclasses
import math

import pytest

from lab.core.watch import ASKING, REPORTING, Pace, Watch

PLAIN = Pace(reports=False, settle=1, gap=2, room=0.5, at_once=1, fresh=0, dull=0, share=4, active=100, idle=200)


def looked(pace: Pace = PLAIN, *, at: float = 100, seconds: float = 1) -> Watch:
    watch = Watch(pace)
    watch.began(at)
    watch.ended(at + seconds, seconds, news=True)
    return watch


def test_the_first_look_is_due_at_once() -> None:
    assert Watch(PLAIN).due() == -math.inf


def test_a_change_gets_a_moment_to_show() -> None:
    watch = looked(at=100)
    watch.acted(110)

    assert watch.due() == 111


def test_changes_one_after_another_do_not_follow_each_other_in_looks() -> None:
    watch = looked(at=100, seconds=0.1)
    watch.acted(100.2)

    assert watch.due() == 102


def test_slow_looks_are_further_apart() -> None:
    watch = looked(at=100, seconds=20)
    watch.acted(105)

    assert watch.due() == 110


def test_asked_while_a_look_runs_a_second_one_follows() -> None:
    watch = Watch(PLAIN)
    watch.began(100)
    watch.asked()
    assert watch.due() == math.inf
    watch.ended(107, 7, news=True)

    assert watch.due() == -math.inf


def test_changed_while_a_look_runs_a_second_one_follows() -> None:
    watch = Watch(PLAIN)
    watch.began(100)
    watch.acted(101)
    assert watch.due() == math.inf
    watch.ended(107, 7, news=True)

    assert watch.due() <= 107


def test_a_look_that_began_after_the_change_has_seen_it() -> None:
    watch = Watch(PLAIN)
    watch.acted(99)
    watch.began(100)
    watch.ended(101, 1, news=True)

    assert watch.due() > 102


def test_where_looks_mostly_wait_a_second_one_may_start_before_the_first_has_ended() -> None:
    watch = Watch(dataclasses.replace(PLAIN, at_once=2))
    watch.began(100)
    assert watch.due() == math.inf
    watch.acted(103)
    assert watch.due() == 104
    watch.began(104)
    watch.asked()

    assert watch.due() == math.inf


def test_after_a_change_the_pauses_grow_up_to_a_share_of_the_time() -> None:
    watch = Watch(PLAIN)
    watch.acted(0)
    now, pauses = 0.0, []
    for _ in range(5):
        watch.began(now)
        watch.ended(now + 3, 3, news=True)
        pauses.append(watch.due() - (now + 3))
        now = watch.due()

    assert pauses == [2, 4, 8, 12, 12]


def test_while_nobody_works_looks_are_seldom() -> None:
    watch = looked(at=100)
    assert watch.due() == 301
    watch.active(100)

    assert watch.due() == 103


@pytest.mark.parametrize("since", [0.0, 0.1, 0.3, 0.5, 10.0])
def test_a_change_that_is_reported_is_on_the_screen_within_2_s(since: float) -> None:
    watch = looked(REPORTING, at=100, seconds=0.4)
    watch.changed(100 + since)

    assert watch.due() + 0.4 <= 100 + since + 2


def test_where_changes_are_reported_a_command_is_no_reason_to_look() -> None:
    watch = looked(REPORTING, at=100, seconds=0.3)
    watch.acted(101)

    assert watch.due() > 200


def test_what_changes_all_the_time_and_is_nothing_new_is_looked_at_less_and_less() -> None:
    watch, now, gaps = Watch(REPORTING), 0.0, []
    for _ in range(8):
        watch.began(now)
        watch.ended(now + 0.5, 0.5, news=False)
        watch.changed(now + 0.6)
        gaps.append(watch.due() - now)
        now = watch.due()

    assert gaps == [1.5, 3, 6, 12, 24, 48, 60, 60]
    watch.acted(now + 1)
    assert watch.due() <= now + 1


def test_after_a_command_looks_that_find_nothing_new_are_as_often_as_others() -> None:
    watch, now, gaps = Watch(REPORTING), 0.0, []
    watch.acted(0)
    for _ in range(4):
        watch.began(now)
        watch.ended(now + 0.5, 0.5, news=False)
        watch.changed(now + 0.6)
        gaps.append(watch.due() - now)
        now = watch.due()

    assert gaps == [0.75] * 4


def test_after_something_new_looks_are_as_often_as_at_first() -> None:
    watch, now = Watch(REPORTING), 0.0
    for news in (False, False, False, True):
        watch.began(now)
        watch.ended(now + 0.5, 0.5, news=news)
        watch.changed(now + 0.6)
        gap, now = watch.due() - now, watch.due()

    assert gap == 0.75


@pytest.mark.parametrize("since", [0.0, 1.0, 3.0, 6.9])
def test_a_change_on_a_real_cluster_is_on_the_screen_within_10_s(since: float) -> None:
    watch = looked(ASKING, at=90, seconds=6.9)
    watch.began(100)
    watch.acted(100 + since)

    assert watch.due() + 6.9 <= 100 + since + 10


def test_a_cluster_that_reports_its_changes_is_hardly_looked_at_without_one() -> None:
    watch = looked(REPORTING, at=100, seconds=0.3)

    assert watch.due() == 100.3 + REPORTING.idle
