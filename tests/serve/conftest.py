"""Events that are shared by the files that play them."""

from collections.abc import Iterator

import pytest

from tests.serve.serving import Serving, playing

TEAMS = """\
schema: 1
title: Teams
teams:
  - {name: Red, people: [{name: Ada}, {name: Grace}]}
  - {name: Blue, size: 1}
faults: [distance]
minutes: 30
hints: {after: 20}
"""

PEOPLE = """\
schema: 1
title: A test <b>event</b>
seats: 3
people: [{name: "Ada <script>alert(1)</script>"}]
faults: [distance]
minutes: 30
"""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An event of three people that has begun, with one worker."""
    with playing(tmp_path_factory.mktemp("event"), PEOPLE) as served:
        yield served


@pytest.fixture(scope="session")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An event of two teams that has begun. The attempt of the red one may be over."""
    with playing(tmp_path_factory.mktemp("teams"), TEAMS) as served:
        yield served
