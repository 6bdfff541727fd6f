"""tar of a simulated node, where the library's differs."""

from tests.sim.driving import Driver


def test_times_need_not_be_restored(driver: Driver) -> None:
    # kubectl cp says so.
    found = driver.out(
        "cd /tmp; echo a >f; tar cf x.tar f; mkdir d; tar -xmf - -C d <x.tar; tar xmf x.tar -C d; cat d/f"
    )
    assert found == "a\n"
