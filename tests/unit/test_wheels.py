"""No user needs a compiler: every pinned package has a wheel for each supported system."""

import pytest
from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

from lab.bundle.lock import Pin
from lab.bundle.targets import PYTHONS, TARGETS
from tests.wheels import known_files, pins


def wheels(pin: Pin, files: dict[str, str]) -> list[frozenset[Tag]]:
    names = (files[sha] for sha in pin.hashes)
    return [parse_wheel_filename(name)[3] for name in names if name.endswith(".whl")]


def test_the_list_of_files_is_that_of_the_lock_file() -> None:
    files = known_files()
    missing = {f"{pin.requirement}" for pin in pins() if pin.hashes - files.keys()}
    assert not missing, "write it anew: make lock"


@pytest.mark.parametrize("python", PYTHONS, ids=lambda python: ".".join(map(str, python)))
@pytest.mark.parametrize("system", TARGETS)
def test_each_package_has_a_wheel(system: str, python: tuple[int, int]) -> None:
    target = TARGETS[system]
    seen = target.environment(python)
    fit = target.tags(python)
    files = known_files()
    needed = [pin for pin in pins() if not pin.requirement.marker or pin.requirement.marker.evaluate(seen)]

    without = [str(pin.requirement) for pin in needed if not any(fit & each for each in wheels(pin, files))]

    assert len(needed) > 30
    assert without == []
