"""The options of `set` and `shopt`."""

from dataclasses import dataclass, field

__all__ = ["LETTERS", "SET_OPTIONS", "SHOPT_OPTIONS", "Options"]

#: Letter of `set` -> its name in `set -o`.
LETTERS = {
    "a": "allexport", "B": "braceexpand", "b": "notify", "C": "noclobber", "e": "errexit", "E": "errtrace",
    "f": "noglob", "h": "hashall", "H": "histexpand", "k": "keyword", "m": "monitor", "n": "noexec",
    "P": "physical", "p": "privileged", "t": "onecmd", "T": "functrace",
    "u": "nounset", "v": "verbose", "x": "xtrace",
}  # fmt: skip
#: All names of `set -o`, in its output order.
SET_OPTIONS = (
    "allexport", "braceexpand", "emacs", "errexit", "errtrace", "functrace", "hashall", "histexpand", "history",
    "ignoreeof", "interactive-comments", "keyword", "monitor", "noclobber", "noexec", "noglob", "nolog", "notify",
    "nounset", "onecmd", "physical", "pipefail", "posix", "privileged", "verbose", "vi", "xtrace",
)  # fmt: skip
#: All names of `shopt`, and whether they are on in a script.
SHOPT_OPTIONS = {
    "autocd": False, "assoc_expand_once": False, "cdable_vars": False, "cdspell": False, "checkhash": False,
    "checkjobs": False, "checkwinsize": True, "cmdhist": True, "compat31": False, "compat32": False,
    "compat40": False, "compat41": False, "compat42": False, "compat43": False, "compat44": False,
    "complete_fullquote": True, "direxpand": False, "dirspell": False, "dotglob": False, "execfail": False,
    "expand_aliases": False, "extdebug": False, "extglob": False, "extquote": True, "failglob": False,
    "force_fignore": True, "globasciiranges": True, "globskipdots": True, "globstar": False,
    "gnu_errfmt": False, "histappend": False, "histreedit": False, "histverify": False, "hostcomplete": True,
    "huponexit": False, "inherit_errexit": False, "interactive_comments": True, "lastpipe": False,
    "lithist": False, "localvar_inherit": False, "localvar_unset": False, "login_shell": False,
    "mailwarn": False, "no_empty_cmd_completion": False, "nocaseglob": False, "nocasematch": False,
    "noexpand_translation": False, "nullglob": False, "patsub_replacement": True, "progcomp": True,
    "progcomp_alias": False, "promptvars": True, "restricted_shell": False, "shift_verbose": False,
    "sourcepath": True, "varredir_close": False, "xpg_echo": False,
}  # fmt: skip


@dataclass(slots=True)
class Options:
    """The options of one shell."""

    on: set[str] = field(default_factory=lambda: {"braceexpand", "hashall", "interactive-comments"})
    shopts: dict[str, bool] = field(default_factory=lambda: dict(SHOPT_OPTIONS))

    def __getitem__(self, name: str) -> bool:
        """Whether an option of `set -o` is on."""
        return name in self.on

    def set(self, name: str, *, on: bool) -> None:
        """Turn an option of `set -o` on or off."""
        (self.on.add if on else self.on.discard)(name)
        if on and name in {"vi", "emacs"}:
            self.on.discard({"vi": "emacs", "emacs": "vi"}[name])

    def shopt(self, name: str) -> bool:
        """Whether an option of `shopt` is on."""
        return self.shopts.get(name, False)

    def copy(self) -> "Options":
        """Return an independent copy."""
        return Options(set(self.on), dict(self.shopts))

    @property
    def letters(self) -> str:
        """Return the letters of `$-` for the options of `set` that are on."""
        return "".join(letter for letter in "abefhkmnptuvxBCEHPT" if LETTERS[letter] in self.on)
