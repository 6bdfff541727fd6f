"""Columns stay aligned, whatever width the outer terminal gives a character."""

import pytest

from lab.tui.terminal.steady import hold_columns


@pytest.mark.parametrize(
    ("drawn", "written"),
    [
        # A new emoji, which older terminals draw narrow or not at all.
        ("\x1b[3;5Hab\U0001fac6|", "\x1b[3;5Hab  \x1b[7G\U0001fac6\x1b[9G|"),
        # A mark that some terminals give its own column, with a colour before it.
        ("\x1b[3;5H\x1b[31m\u0915\u093f\x1b[0m|", "\x1b[3;5H\x1b[31m \x1b[5G\u0915\u093f\x1b[6G\x1b[0m|"),
        # A mark that is drawn into the letter before it.
        ("\x1b[3;5He\u0301|", "\x1b[3;5He\u0301\x1b[6G|"),
        ("\x1b[1;1H漢\U0001f600", "\x1b[1;1H漢  \x1b[3G\U0001f600\x1b[5G"),
        (
            "\x1b[1;9H\x1b]8;;http://x\x1b\\\U0001f600",
            "\x1b[1;9H\x1b]8;;http://x\x1b\\  \x1b[9G\U0001f600\x1b[11G",
        ),
    ],
)
def test_the_cursor_is_put_right_after_what_terminals_disagree_on(drawn: str, written: str) -> None:
    assert hold_columns(drawn) == written


@pytest.mark.parametrize(
    "output",
    [
        "\x1b[3;5H│ plain … text, ümlaut, 漢字 │\n",
        "\U0001f600 where the column is not known",
        "\x1b[3;5H\n\U0001f600",
        "\x1b]52;c;cG9kcw==\x07",
    ],
)
def test_all_else_is_written_as_it_is(output: str) -> None:
    assert hold_columns(output) == output
