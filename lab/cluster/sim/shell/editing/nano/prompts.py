"""nano's questions: a line of text, or yes and no."""

from collections.abc import Sequence

from lab.cluster.sim.shell.editing.nano.keys import Typing, is_text
from lab.cluster.sim.shell.editing.nano.state import Nano, Prompt

__all__ = ["ask", "ask_line"]


def ask_line(
    nano: Nano, prompt: Prompt, *, others: Sequence[str] = (), history: Sequence[str] = ()
) -> Typing[tuple[str, str]]:
    """Read a line; return the key that ended it (Enter, `^C`, or one of `others`) and the line."""
    nano.prompt, nano.message = prompt, ""
    back, typed = 0, prompt.answer
    try:
        while True:
            key = yield from nano.keys.get()
            if key in {"^M", "^J"}:
                return "Enter", prompt.answer
            if key == "^C" or key in others:
                return key, prompt.answer
            if key in {"^P", "^N", "Up", "Down"}:
                if not back:
                    typed = prompt.answer
                back = max(min(back + (1 if key in {"^P", "Up"} else -1), len(history)), 0)
                prompt.answer = history[-back] if back else typed
                prompt.at = len(prompt.answer)
            else:
                _edit(nano, prompt, key)
    finally:
        nano.prompt = None


def _edit(nano: Nano, prompt: Prompt, key: str) -> None:
    text, at = prompt.answer, prompt.at
    if is_text(key):
        prompt.answer, prompt.at = text[:at] + key + text[at:], at + 1
    elif key == "^H" and at:
        prompt.answer, prompt.at = text[: at - 1] + text[at:], at - 1
    elif key in {"^D", "Del"}:
        prompt.answer = text[:at] + text[at + 1 :]
    elif key == "^K":
        prompt.answer, prompt.at = "", 0
    elif key == "Paste":
        first = nano.keys.pasted.split("\n")[0]
        prompt.answer, prompt.at = text[:at] + first + text[at:], at + len(first)
    elif key == "^U":
        first = nano.cut.split("\n")[0]
        prompt.answer, prompt.at = text[:at] + first + text[at:], at + len(first)
    else:
        moves = {
            "Left": at - 1, "^B": at - 1, "Right": at + 1, "^F": at + 1, "Home": 0, "^A": 0, "End": len(text),
            "^E": len(text),
        }  # fmt: skip
        prompt.at = max(min(moves.get(key, at), len(text)), 0)


def ask(nano: Nano, question: str, *, all_: bool = False) -> Typing[str]:
    """Ask a question; return `y`, `n`, `a` or `^C`."""
    nano.prompt, nano.message = Prompt("all" if all_ else "yes", question), ""
    try:
        while True:
            key = (yield from nano.keys.get()).lower()
            if key in {"y", "n"} or (key == "a" and all_):
                return key
            if key == "^c":
                return "^C"
            if key == "^q":
                return "n"
    finally:
        nano.prompt = None
