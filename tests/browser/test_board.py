"""The board in a real browser: by keyboard, for a screen reader, with teams; and the pages around it."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.accessibility import violations
from tests.browser.test_pages import SCREEN, enter, until
from tests.serve.conftest import TEAMS
from tests.serve.serving import Serving, playing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RED, ADA, GRACE = "seat-001", "seat-001", "seat-001.2"
Opens = Callable[..., "Page"]


@pytest.fixture(scope="package")
def teams(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An event of two teams that has begun."""
    del browser  # without one, no event is needed
    with playing(tmp_path_factory.mktemp("teams"), TEAMS) as served:
        yield served


@pytest.fixture
def opens(browser: "Browser", teams: Serving) -> Iterator[Opens]:
    """Opens a browser of its own: as whoever has a code, or at the door."""
    contexts = []

    def made(code: str = "", **options: Any) -> "Page":
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(100_000)
        contexts.append(context)
        page = context.new_page()
        if code:
            enter(page, teams.url, code)
        else:
            page.goto(f"{teams.url}/")
        return page

    yield made
    for context in contexts:
        context.close()


def board(opens: Opens, teams: Serving, **options: Any) -> "Page":
    page = opens(teams.state["code"], **options)
    page.wait_for_selector("tr[data-seat]")
    return page


def sit(opens: Opens, teams: Serving, chair: str, **options: Any) -> "Page":
    page = opens(teams.code(chair), **options)
    page.wait_for_selector("#line.good")
    until(page, "root@")
    return page


def test_a_hand_is_lowered_by_keys_alone(opens: Opens, teams: Serving) -> None:
    page, grace = board(opens, teams), sit(opens, teams, GRACE)
    grace.click("#hand")
    page.wait_for_function("() => document.querySelector('#hands').textContent.includes('Grace')")
    page.locator(f"tr[data-seat={RED}] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#acts[open]")
    lower = page.locator(f"[data-act='lower-hand {GRACE}']")
    for _ in range(40):
        if lower.evaluate("(node) => node === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#hands').textContent === ''")
    page.keyboard.press("Escape")
    # The focus is where it was.
    assert page.evaluate("document.activeElement.closest('tr')?.dataset.seat") == RED
    assert grace.get_attribute("#hand", "aria-pressed") == "false"


def test_a_look_over_a_shoulder_is_seen_there_and_types_nothing(opens: Opens, teams: Serving) -> None:
    page, grace = board(opens, teams), sit(opens, teams, GRACE)
    page.click(f"tr[data-seat={RED}] button")
    with page.context.expect_page() as opened:
        page.click(f"[data-act='look {GRACE}']")
    look = opened.value
    grace.wait_for_function(
        "() => document.querySelector('#watched').textContent.includes('watching your screen')"
    )
    grace.keyboard.type("echo see''n-twice\n")
    until(look, "seen-twice")
    assert look.inner_text("#title") == "Watching Grace"
    size = "() => [terminal.cols, terminal.rows]"
    before = look.evaluate(size)
    assert before == grace.evaluate(size)
    grace.set_viewport_size({"width": 1000, "height": 700})
    look.wait_for_function(f"(size) => String(({size})()) !== String(size)", arg=before)
    look.click("#screen")
    look.keyboard.type("echo not-typed\n")
    look.close()
    grace.wait_for_function("() => document.querySelector('#watched').textContent === ''")
    grace.keyboard.type("echo st''ill\n")
    until(grace, "still")
    assert "not-typed" not in str(grace.evaluate(SCREEN))


def test_a_person_moves_to_another_browser_by_the_code_that_is_shown(opens: Opens, teams: Serving) -> None:
    page, ada = board(opens, teams), sit(opens, teams, ADA)
    page.click(f"tr[data-seat={RED}] button")
    page.click(f"[data-act='move {ADA}']")
    page.wait_for_selector("#joining[open]")
    code = page.inner_text("#joiningcode")
    picture = page.locator("#joiningpicture")
    page.wait_for_function("() => document.querySelector('#joiningpicture').naturalWidth > 0")
    assert code in str(picture.get_attribute("alt"))
    other = opens()
    other.goto(f"{teams.url}/#{code}")
    other.reload()
    other.click("#join button")
    other.wait_for_url("**/seat")
    ada.wait_for_selector("#cover:not([hidden])")
    assert "captain" in other.inner_text("#who")


def test_two_instructors_see_what_the_other_did(opens: Opens, teams: Serving) -> None:
    one, two = board(opens, teams), board(opens, teams)
    one.fill("#words", "Ten minutes left")
    one.press("#words", "Enter")
    two.wait_for_function("() => document.querySelector('#log li')?.textContent.includes('wrote to all')")
    assert "open boards: " in two.inner_text("#machine")


def test_what_runs_is_shown_with_the_time_that_it_deserves(opens: Opens, teams: Serving) -> None:
    page, grace = board(opens, teams), sit(opens, teams, GRACE)
    grace.keyboard.type("kubectl get nodes -w\n")
    page.wait_for_function("() => /Grace: kubectl: \\d+ of 60 s/.test(document.querySelector('tbody').innerText)")
    grace.keyboard.press("Control+c")
    page.wait_for_function("() => !/kubectl/.test(document.querySelector('tbody').innerText)")


def test_a_tablet_has_keys_that_its_keyboard_has_not(opens: Opens, teams: Serving) -> None:
    tablet = {"viewport": {"width": 1024, "height": 768}, "has_touch": True, "is_mobile": True}
    page = sit(opens, teams, GRACE, **tablet)
    page.keyboard.type("echo gone lost")
    page.tap("#ctrl")
    assert page.get_attribute("#ctrl", "aria-pressed") == "true"
    page.keyboard.type("w")
    page.keyboard.type("found")
    assert page.get_attribute("#ctrl", "aria-pressed") == "false"
    page.keyboard.press("Enter")
    until(page, "gone found")
    page.tap("#touch button[aria-label=Up]")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => ({SCREEN})().split('gone found').length > 3")


def test_a_phone_gets_a_message(opens: Opens, teams: Serving) -> None:
    page = opens(teams.code(GRACE), viewport={"width": 390, "height": 800}, is_mobile=True)
    page.wait_for_selector("#phone", state="visible")
    assert "too small" in page.inner_text("#phone")
    page.click("#anyway")
    page.wait_for_selector("#phone", state="hidden")


def test_text_is_as_large_as_one_likes_and_fills_the_window(opens: Opens, teams: Serving) -> None:
    page = sit(opens, teams, GRACE)
    page.click("#full")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.click("#full")
    page.wait_for_function("() => document.fullscreenElement === null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_keep_to_wcag_aa(opens: Opens, teams: Serving, scheme: str) -> None:
    """As far as a program can say: contrasts, names of controls, roles, headings, languages."""
    pages = {
        "door": opens(color_scheme=scheme),
        "board": board(opens, teams, color_scheme=scheme),
        "seat": sit(opens, teams, GRACE, color_scheme=scheme),
    }
    dialog = board(opens, teams, color_scheme=scheme)
    dialog.click(f"tr[data-seat={RED}] button")
    pages["dialog"] = dialog
    for name, path in (("projector", "/projector"), ("look", f"/board/look?chair={GRACE}")):
        pages[name] = dialog.context.new_page()
        pages[name].goto(f"{teams.url}{path}")
        pages[name].wait_for_selector("tbody tr" if name == "projector" else "#line.good")
    found = {name: violations(page) for name, page in pages.items()}
    assert not any(found.values()), json.dumps(found, indent=1)
