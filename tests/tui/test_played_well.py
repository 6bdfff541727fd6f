"""The lab in a real terminal, on the simulator: from home to a debrief with 100 points."""

import pytest

from tests.tui.playing_through import begin, play_well
from tests.tui.tmux import Window


@pytest.mark.timeout(600)
def test_all_repaired_is_100(window: Window) -> None:
    begin(window, "sim", 120)
    play_well(window, 120)
