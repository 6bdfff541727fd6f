"""The lab in a real terminal, on the simulator: an attempt with many mistakes."""

import pytest

from tests.tui.playing_through import begin, play_badly
from tests.tui.tmux import Window


@pytest.mark.timeout(600)
def test_what_goes_wrong_costs(window: Window) -> None:
    begin(window, "sim", 120)
    play_badly(window, 120)
