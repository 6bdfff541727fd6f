"""The colours of ls, by the kinds and modes of files: dircolors' own, and those of LS_COLORS."""

__all__ = ["Palette"]

_DEFAULT = {
    "di": "01;34", "ln": "01;36", "pi": "33", "so": "01;35", "bd": "01;33", "cd": "01;33", "ex": "01;32",
    "su": "37;41", "sg": "30;43", "st": "37;44", "ow": "34;42", "tw": "30;42",
}  # fmt: skip
_SET_UID, _SET_GID, _STICKY, _OTHERS_WRITE, _ANY_EXECUTE = 0o4000, 0o2000, 0o1000, 0o002, 0o111


class Palette:
    """The colours of one run of ls."""

    def __init__(self, described: str) -> None:
        """Take the colours of `described`, the value of LS_COLORS; what it does not name has its default."""
        pairs = [part.partition("=") for part in described.split(":") if "=" in part]
        self._codes = _DEFAULT | {key: code for key, _, code in pairs if not key.startswith("*")}
        self._endings = {key[1:]: code for key, _, code in pairs if key.startswith("*")}
        self._begun = False

    def painted(self, shown: str, kind: str, mode: int) -> str:
        """Return a name in the colour of its file."""
        code = self._code(shown, kind, mode)
        return f"\x1b[{code}m{shown}\x1b[0m" if code else shown

    def begun(self, text: str) -> str:
        """Return output; before the first colour of all, the colour is reset."""
        at = text.find("\x1b[")
        if at < 0 or self._begun:
            return text
        self._begun = True
        return f"{text[:at]}\x1b[0m{text[at:]}"

    def _code(self, name: str, kind: str, mode: int) -> str:
        if kind == "directory":
            sticky, writable = mode & _STICKY, mode & _OTHERS_WRITE
            key = ("tw" if sticky else "ow") if writable else "st" if sticky else "di"
        elif kind == "symlink":
            key = "ln"
        elif kind == "fifo":
            key = "pi"
        else:
            key = "su" if mode & _SET_UID else "sg" if mode & _SET_GID else "ex" if mode & _ANY_EXECUTE else ""
            if not key:
                ending = next((code for end, code in self._endings.items() if name.endswith(end)), None)
                return self._codes.get("fi", "") if ending is None else ending
        return self._codes.get(key, "")
