"""Short texts that several parts of the play screen show."""

from lab.errors import LabError
from lab.tui.words import error_text


def test_a_remedy_names_the_lab_that_is_played() -> None:
    gone = LabError(
        "The cluster is gone.", remedy="`kluster delete` removes it; `kluster create` creates a new one."
    )

    assert (
        "`kluster delete --name mine` removes it; `kluster create --name mine`" in error_text(gone, "mine").plain
    )
    assert "`kluster delete` removes it" in error_text(gone, "kluster005").plain


def test_an_error_is_no_markup() -> None:
    assert error_text(LabError("[b]x[/b]", "[red]y"), "k5").plain == "[b]x[/b]\n[red]y"
