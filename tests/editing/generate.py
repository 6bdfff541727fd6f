"""Random key sequences: what a user of vi or nano might type, drawn by a seed."""

import random
import re
from collections.abc import Callable, Iterator

from tests.editing.cases import Case

__all__ = ["generated"]

Draw = random.Random

_MOTIONS = "h l j k w b e W B E 0 ^ $ G gg } { ) ( % ; , n N * # H M L + - _ fo t, F. Te ''".split()  # noqa: SIM905
_OBJECTS = ["iw", "aw", "iW", "aW", 'i"', 'a"', "i(", "a(", "i{", "a{", "ip", "ap", "is", "i["]
_WORDS = [
    "new",
    "x",
    "--v=4",
    "a b",
    "two<CR>lines",
    "  indented",
    "tab<Tab>bed",
    "wrong<BS><BS>ed",
    "one two<C-w>3",
]
_PATTERNS = ["o", "the", "line", "^$", "[a-e]", "\\w\\+", "kube", "[0-9]\\+", "e$", "\\<l", ":", "name"]
_LINES = ["", ".", "$", "%", "2,4", ".,+2", "1,$", ".,$", "'a,.", "/e/", "2;+1", "-1,."]
_SETTINGS = ["nu", "list", "ai", "nocp", "sw=2", "et sw=2 ts=2", "ic", "nows", "ru", "nosol", "ts=4", "smd"]


def _count(draw: Draw) -> str:
    return draw.choice(["", "", "", "2", "3", "5", "12"])


def _motion(draw: Draw) -> str:
    if draw.random() < 0.1:
        return f"{draw.choice('/?')}{draw.choice(_PATTERNS)}<CR>"
    return _count(draw) + draw.choice(_MOTIONS)


def _operator(draw: Draw) -> str:
    register = draw.choice(["", "", "", '"a', '"b', '"A'])
    operator = draw.choice(["d", "d", "c", "y", ">", "<lt>", "g~", "gu", "gU"])
    if draw.random() < 0.3:
        target = {"g~": "~", "gu": "u", "gU": "U"}.get(operator, operator)
    else:
        target = draw.choice([_motion(draw), draw.choice(_OBJECTS)])
    typed = draw.choice(_WORDS) + "<Esc>" if operator == "c" else ""
    return register + _count(draw) + operator + target + typed


def _insertion(draw: Draw) -> str:
    return _count(draw)[:1] + draw.choice("iaAIoORsSC") + draw.choice(_WORDS) + "<Esc>"


def _simple(draw: Draw) -> str:
    keys = "x X D J ~ p P rX yyp ddp . . . u u <C-r> U & ma `a 'a >> <lt><lt> Y xp gJ zt zz zb <C-a> <C-x>"
    return _count(draw) + draw.choice(f'{keys} "ap "aP "1p <C-d> <C-u> <C-e> <C-y> <C-f> <C-b>'.split())


def _ex(draw: Draw) -> str:
    lines = draw.choice(_LINES)
    pattern = draw.choice(_PATTERNS)
    forms = [
        "{lines}d",
        "{lines}s/{pattern}/X/",
        "{lines}s/{pattern}/<lt>&>/g",
        "{lines}y",
        "{lines}m$",
        "{lines}t.",
        "{lines}j",
        "{lines}>",
        "g/{pattern}/d",
        "v/{pattern}/d",
        "g/{pattern}/s//Y/",
        "g/{pattern}/m0",
        "{lines}pu",
        "{lines}normal Ax",
        "set {setting}",
        "{number}",
        "$",
        "u",
        "&&",
        "{lines}p",
        "=",
        "marks",
        "{lines}k b",
        "{lines}co 0",
        "w",
        "f",
        "{lines}<lt>",
        "%s/{pattern}//n",
    ]
    command = draw.choice(forms).format(
        lines=lines, pattern=pattern, setting=draw.choice(_SETTINGS), number=draw.randint(1, 9)
    )
    return f":{command}<CR>"


def _visual(draw: Draw) -> str:
    moves = "".join(_motion(draw) for _ in range(draw.randint(1, 2)))
    if draw.random() < 0.2:
        moves = draw.choice(_OBJECTS)
    ends = [
        "d",
        "y",
        "cnew<Esc>",
        ">",
        "<lt>",
        "~",
        "U",
        "u",
        "J",
        "rX",
        "x",
        "<Esc>",
        "o<Esc>",
        "p",
        ":s/e/E/<CR>",
    ]
    kind = draw.choice(["v", "V", "<C-v>"])
    if kind == "<C-v>":
        ends += ["Inew<Esc>", "Anew<Esc>", "$Aend<Esc>"]
    return kind + moves + draw.choice(ends)


def _macro(draw: Draw) -> str:
    return f"qq{_simple(draw)}{_motion(draw)}q{_count(draw)[:1]}@q"


_VI: list[tuple[Callable[[Draw], str], int]] = [
    (_motion, 5), (_operator, 6), (_insertion, 4), (_simple, 6), (_ex, 4), (_visual, 3), (_macro, 1),
]  # fmt: skip

_NANO_KEYS = re.findall(
    r"\S+",
    "<Up> <Down> <Left> <Right> <Home> <End> <C-a> <C-e> <C-k> <C-k> <C-u> <C-d> <BS> <BS> <Del> <CR> <Tab> <C-v> "
    "<C-y> <A-u> <A-u> <A-e> <A-a> <A-6> <A-t> <A-}> <A-{> <A-3> <A-/> <A-\\> <C-c> <A-d> <PageUp> <PageDown> "
    "<C-Space> <A-]>",
)


def _nano_key(draw: Draw) -> str:
    return str(draw.choice(_NANO_KEYS))


def _nano_more(draw: Draw) -> str:
    word = draw.choice(["o", "the", "line", "kube", "name", "nosuch"])
    forms = [
        "word",
        "a b",
        "--v=4",
        "x",
        "<C-w>{word}<CR>",
        "<C-w>{word}<CR><A-w>",
        "<C-q>{word}<CR>",
        "<C-\\>{word}<CR>X<CR>a",
        "<C-\\>{word}<CR>X<CR>yn<C-c>",
        "<C-\\>{word}<CR>X<CR><C-c>",
        "<C-_>{number}<CR>",
        "<Down><Down><Down>",
        "<C-k><C-k><C-u>",
        "<A-a><Down><Right><C-k>",
        "<C-o><CR>",
        "<C-s>",
        "<End><CR>new",
    ]
    return draw.choice(forms).format(word=word, number=draw.randint(1, 20))


_NANO: list[tuple[Callable[[Draw], str], int]] = [(_nano_key, 3), (_nano_more, 2)]


def generated(name: str, count: int, seed: int) -> Iterator[Case]:
    """Yield `count` cases for `vi` or `nano`."""
    draw = random.Random(seed)  # noqa: S311 -- nothing is secret
    parts = _VI if name == "vi" else _NANO
    makers, weights = [maker for maker, _ in parts], [weight for _, weight in parts]
    for _ in range(count):
        program = draw.choice(["vi", "vi", "vim.tiny"]) if name == "vi" else "nano"
        text = draw.choice(
            ["words", "code", "manifest", "paragraphs", "long"] if name == "vi" else ["words", "many"]
        )
        rows, cols = (12, 50) if name == "vi" else (16, 60)
        chosen = draw.choices(makers, weights, k=draw.randint(2, 6))
        yield Case(program, text, rows, cols, "".join(maker(draw) for maker in chosen))
