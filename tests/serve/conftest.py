"""An event of two teams, shared by the files that play it in a worker."""

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


@pytest.fixture(scope="session")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An event of two teams that has begun. The attempt of the red one may be over."""
    with playing(tmp_path_factory.mktemp("teams"), TEAMS) as served:
        yield served
