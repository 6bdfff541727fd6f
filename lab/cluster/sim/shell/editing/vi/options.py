"""Options, and the arguments of `:set`."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from lab.cluster.sim.shell.editing.vi.errors import Failure

__all__ = ["Options", "Value"]

Value = bool | int | str

#: Options of larger builds: `:set` accepts them, without an effect.
_HIDDEN = frozenset(
    [
        "hlsearch",
        "hls",
        "cursorline",
        "cul",
        "cursorcolumn",
        "cuc",
        "colorcolumn",
        "cc",
        "syntax",
        "syn",
        "foldmethod",
        "fdm",
        "foldenable",
        "fen",
        "foldlevel",
        "fdl",
        "foldcolumn",
        "fdc",
        "spell",
        "spelllang",
        "spl",
        "signcolumn",
        "scl",
        "undofile",
        "udf",
        "undodir",
        "udir",
        "conceallevel",
        "cole",
        "termguicolors",
        "tgc",
        "statusline",
        "stl",
        "tabline",
        "tal",
        "viminfo",
        "vi",
        "diff",
        "wildignore",
        "clipboard",
        "cb",
        "linebreak",
        "lbr",
        "showbreak",
        "sbr",
        "breakindent",
        "bri",
        "indentexpr",
        "inde",
        "virtualedit",
        "keymap",
        "kmp",
        "langmap",
        "lmap",
        "mousefocus",
        "mousehide",
        "omnifunc",
        "ofu",
        "cscopetag",
        "cst",
        "guifont",
        "gfn",
        "guioptions",
        "go",
        "rulerformat",
        "ruf",
        "numberwidth",
        "nuw",
        "visualbell",
        "cryptmethod",
        "cm",
        "sessionoptions",
        "ssop",
    ]
)
#: What `:set paste` turns off until `:set nopaste`.
_PASTE_OFF: dict[str, Value] = {
    "textwidth": 0, "wrapmargin": 0, "autoindent": False, "softtabstop": 0, "expandtab": False, "smarttab": False,
    "showmatch": False, "ruler": False, "smartindent": False, "cindent": False,
}  # fmt: skip


class _Option(NamedTuple):
    name: str
    short: str
    vi: Value
    vim: Value


def _value(text: str) -> Value:
    if text in {"on", "off"}:
        return text == "on"
    return int(text) if text.lstrip("-").isdigit() else text


@cache
def _table() -> dict[str, _Option]:
    found = {}
    for line in files(__package__).joinpath("options.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, short, vi, *vim = line.split("\t")
            found[name] = _Option(name, short, _value(vi), _value(vim[0] if vim else vi))
    return found


@cache
def _names() -> dict[str, str]:
    return {short: name for name, option in _table().items() for short in (option.short, name) if short != "-"}


class Options:
    """The values of all options."""

    def __init__(self, *, compatible: bool) -> None:
        self._values = {name: option.vi if compatible else option.vim for name, option in _table().items()}
        self._before_paste: dict[str, Value] = {}

    def on(self, name: str) -> bool:
        """Return whether an option is on."""
        return bool(self._values[name])

    def number(self, name: str) -> int:
        """Return the value of a number option."""
        return int(self._values[name])

    def text(self, name: str) -> str:
        """Return the value of a text option."""
        return str(self._values[name])

    def like_vi(self, flag: str) -> bool:
        """Whether 'cpoptions' asks for Vi's behaviour."""
        return flag in self.text("cpoptions")

    @property
    def shift(self) -> int:
        """The columns of an indent."""
        return self.number("shiftwidth") or self.number("tabstop")

    def put(self, name: str, *, value: Value) -> None:
        """Set an option by its full name."""
        before, self._values[name] = self._values[name], value
        if name == "compatible":
            self._compatible(on=bool(value))
        elif name == "paste" and value != before:
            self._paste(on=bool(value))

    def _compatible(self, *, on: bool) -> None:
        for name, option in _table().items():
            if option.vi != option.vim:
                self._values[name] = option.vi if on else option.vim

    def _paste(self, *, on: bool) -> None:
        if on:
            self._before_paste = {name: self._values[name] for name in _PASTE_OFF}
        self._values |= _PASTE_OFF if on else self._before_paste

    def shown(self, name: str) -> str:
        """Return an option in the format of `:set`."""
        value = self._values[name]
        if isinstance(value, bool):
            return ("  " if value else "no") + name
        text = "<Tab>" if value == "\t" else str(value)
        return f"  {name}={text}"

    def changed(self) -> list[str]:
        """Return the options that differ from their defaults, in the format of `:set`."""
        like_vi = self.on("compatible")
        return [
            self.shown(name)
            for name, option in _table().items()
            if self._values[name] != (option.vi if like_vi else option.vim)
        ]

    def all(self) -> list[str]:
        """Return all options in the format of `:set all`."""
        return [self.shown(name) for name in _table()]

    def set(self, word: str) -> str | None:
        """Process one argument of `:set`: change an option, or return the text to show."""
        end = next((at for at, char in enumerate(word) if not (char.isalnum() or char == "_")), len(word))
        name, rest = word[:end], word[end:]
        negative = inverted = False
        known = self._name(name)
        if known is None and name.startswith("no"):
            known, negative = self._name(name[2:]), True
        elif known is None and name.startswith("inv"):
            known, inverted = self._name(name[3:]), True
        if known is None:
            raise Failure(f"E518: Unknown option: {word}")
        if known in _HIDDEN:
            if rest == "?":
                raise Failure(f"E519: Option not supported: {word}")
            return None
        return self._set(known, rest, word, negative=negative, inverted=inverted)

    def _set(self, name: str, rest: str, word: str, *, negative: bool, inverted: bool) -> str | None:
        value = self._values[name]
        if rest == "?":
            return self.shown(name)
        if rest in {"&", "&vi", "&vim"}:
            option = _table()[name]
            self.put(
                name, value=option.vi if rest == "&vi" or (rest == "&" and self.on("compatible")) else option.vim
            )
            return None
        if isinstance(value, bool):
            if rest and rest != "!":
                raise Failure(f"E474: Invalid argument: {word}")
            self.put(name, value=not value if inverted or rest == "!" else not negative)
            return None
        if negative or inverted or (rest and rest[0] not in "=:+-^"):
            raise Failure(f"E474: Invalid argument: {word}")
        if not rest:
            return self.shown(name)
        operator, text = ("=", rest[1:]) if rest[0] in "=:" else (rest[0], rest[2:])
        if operator != "=" and rest[1:2] != "=":
            raise Failure(f"E474: Invalid argument: {word}")
        self.put(name, value=_number(value, operator, text, word) if isinstance(value, int) else
                 _text(str(value), operator, text))  # fmt: skip
        return None

    @staticmethod
    def _name(name: str) -> str | None:
        return _names().get(name) or (name if name in _HIDDEN else None)


def _number(value: int, operator: str, text: str, word: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise Failure(f"E521: Number required after =: {word}") from None
    made = {"+": value + number, "-": value - number, "^": value * number}.get(operator, number)
    if made < 0 or (made == 0 and word.startswith(("ts", "tabstop"))):
        raise Failure(f"E487: Argument must be positive: {word}")
    return made


def _text(value: str, operator: str, text: str) -> str:
    text = text.replace("\\ ", " ").replace("\\|", "|")
    if operator == "+":
        return value + ("," if value and "," in value else "") + text
    if operator == "^":
        return text + value
    return value.replace(text, "") if operator == "-" else text
