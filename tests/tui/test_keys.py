"""The bytes of keys, and how they are read from older terminals."""

import pytest
from textual import events

from lab.tui.terminal.keys import encode_key, encode_paste, is_function_key
from lab.tui.terminal.legacy_keys import LegacyKeysParser


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("A", "A", b"A"),
        ("full_stop", ".", b"."),
        ("é", "é", "é".encode()),
        ("slightly_smiling_face", "🙂", "🙂".encode()),
        ("space", " ", b" "),
        ("enter", "\r", b"\r"),
        ("ctrl+j", "\n", b"\n"),
        ("backspace", "\x7f", b"\x7f"),
        ("backspace", "\x08", b"\x08"),
        ("ctrl+backspace", None, b"\x08"),
        ("alt+backspace", "\x7f", b"\x1b\x7f"),
        ("ctrl+@", "\x00", b"\x00"),
        ("ctrl+space", None, b"\x00"),
        ("ctrl+backslash", None, b"\x1c"),
        ("ctrl+right_square_bracket", None, b"\x1d"),
        ("ctrl+circumflex_accent", "\x1e", b"\x1e"),
        ("ctrl+underscore", None, b"\x1f"),
        ("ctrl+slash", None, b"\x1f"),
        ("ctrl+shift+c", None, b"\x03"),
        ("ctrl+full_stop", ".", b"."),
        ("alt+full_stop", None, b"\x1b."),
        ("alt+ctrl+a", None, b"\x1b\x01"),
        ("alt+shift+b", "B", b"\x1bB"),
        ("shift+tab", None, b"\x1b[Z"),
        ("left", None, b"\x1b[D"),
        ("ctrl+left", None, b"\x1b[1;5D"),
        ("alt+shift+left", None, b"\x1b[1;4D"),
        ("delete", None, b"\x1b[3~"),
        ("ctrl+delete", None, b"\x1b[3;5~"),
        ("pageup", None, b"\x1b[5~"),
        ("f1", None, b"\x1bOP"),
        ("shift+f1", None, b"\x1b[1;2P"),
        ("f12", None, b"\x1b[24~"),
        ("divide", "/", b"/"),
        ("left_shift", None, b""),
        ("super+a", None, b""),
    ],
)
def test_keys_send_what_xterm_sends(key: str, character: str | None, sent: bytes) -> None:
    assert encode_key(key, character) == sent


def test_cursor_keys_have_an_application_form() -> None:
    assert encode_key("up", None, application_cursor=True) == b"\x1bOA"
    assert encode_key("ctrl+up", None, application_cursor=True) == b"\x1b[1;5A"


def test_a_paste_can_not_end_itself() -> None:
    assert encode_paste("a\x1b[201~\x03b", bracketed=True) == b"\x1b[200~a[201~b\x1b[201~"


def test_function_keys_are_recognised_by_their_name() -> None:
    assert [key for key in ("f1", "ctrl+f12", "f", "a", "full_stop", "ctrl+f") if is_function_key(key)] == [
        "f1",
        "ctrl+f12",
    ]


def keys_of(parser: LegacyKeysParser, typed: str) -> list[str]:
    found = [*parser.feed(typed)]
    while not found:
        found = [*parser.tick()]
    return [event.key for event in found if isinstance(event, events.Key)]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("\x1b.", ["alt+full_stop"]),
        ("\x1bb", ["alt+b"]),
        ("\x1bB", ["alt+shift+b"]),
        ("\x1b\x7f", ["alt+backspace"]),
        ("\x1b\r", ["alt+enter"]),
        ("\x1b\x01", ["alt+ctrl+a"]),
        ("\x1b1", ["alt+1"]),
        ("\x1b[", ["alt+left_square_bracket"]),
        ("\x1b", ["escape"]),
        ("\x1b[1;5D", ["ctrl+left"]),
        ("\x1b[A", ["up"]),
        ("\x1bOP", ["f1"]),
        ("\x1b[46;3u", ["alt+full_stop"]),
        ("a", ["a"]),
        ("\x10", ["ctrl+p"]),
    ],
)
def test_alt_is_kept(typed: str, keys: list[str]) -> None:
    assert keys_of(LegacyKeysParser(), typed) == keys
