"""Ex commands that set or list things: options, registers, marks, mappings."""

from lab.cluster.sim.shell.editing.vi.errors import Failure
from lab.cluster.sim.shell.editing.vi.excall import Call
from lab.cluster.sim.shell.editing.vi.keyboard import Special, Typing
from lab.cluster.sim.shell.editing.vi.registers import Kind
from lab.cluster.sim.shell.editing.vi.state import Vi

_KEYS = {
    "esc": "\x1b", "cr": "\r", "enter": "\r", "return": "\r", "tab": "\t", "space": " ", "bs": "\x7f", "lt": "<",
    "bar": "|", "nop": "", "up": Special.UP, "down": Special.DOWN, "left": Special.LEFT, "right": Special.RIGHT,
    "home": Special.HOME, "end": Special.END, "del": Special.DELETE, "bslash": "\\", "nl": "\n",
}  # fmt: skip
_MODES = {
    "map": "nvo", "noremap": "nvo", "nmap": "n", "nnoremap": "n", "imap": "i", "inoremap": "i", "vmap": "v",
    "vnoremap": "v", "cmap": "c", "cnoremap": "c", "unmap": "nvo", "nunmap": "n", "iunmap": "i",
}  # fmt: skip


def set_(vi: Vi, call: Call) -> None:
    """`:set`."""
    if not call.argument or call.argument == "all":
        vi.messages.below()
        vi.print("--- Options ---", "title")
        options = vi.options
        for row in _in_columns(options.all() if call.argument else options.changed(), vi.window.width):
            vi.print(row)
        return
    shown = [text for word in _words(call.argument) if (text := vi.options.set(word)) is not None]
    vi.readonly = vi.options.on("readonly")
    if len(shown) == 1:
        vi.say(shown[0])
    elif shown:
        for text in shown:
            vi.print(text)


def _words(text: str) -> list[str]:
    """Split at blanks, except those behind a backslash."""
    words, word, at = [], "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            word += text[at : at + 2]
            at += 2
            continue
        if text[at] in " \t":
            if word:
                words.append(word)
            word = ""
        else:
            word += text[at]
        at += 1
    return [*words, word] if word else words


def _in_columns(items: list[str], width: int) -> list[str]:
    """Lay out options in columns of 20; long ones follow, one per line."""
    short = [item for item in items if len(item) < 20 - 3 + 1]
    long = [item for item in items if len(item) >= 20 - 3 + 1]
    columns = max((width - 3 + 3) // 20, 1)
    height = (len(short) + columns - 1) // columns
    rows = []
    for row in range(height):
        cells = short[row::height]
        rows.append("".join(f"{cell:<20}" for cell in cells).rstrip())
    return rows + long


def registers(vi: Vi, call: Call) -> None:
    """`:reg`."""
    vi.messages.below()
    vi.print("Type Name Content", "title")
    wanted = call.argument.replace(" ", "")
    kinds = {Kind.CHARS: "c", Kind.LINES: "l", Kind.BLOCK: "b"}
    for name, held in vi.registers.listed():
        if wanted and name not in wanted:
            continue
        text = "^J".join(held.lines) + ("^J" if held.kind is Kind.LINES else "")
        text = "".join("^" + chr(ord(char) ^ 0x40) if char < " " else char for char in text)
        line = f'  {kinds[held.kind]}  "{name}   {text}'
        vi.print(line[: vi.window.width])


def marks(vi: Vi, call: Call) -> None:
    """`:marks`."""
    vi.messages.below()
    vi.print("mark line  col file/text", "title")
    held = vi.buffer.marks
    rows = [("'", held.get("'") or (0, 0))]
    rows += [(name, held[name]) for name in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" if name in held]
    rows.append(('"', (0, 0)))
    rows.append(("[", held.get("[", (0, 0))))
    rows.append(("]", held.get("]", (vi.buffer.last, 0))))
    rows += [(name, held[name]) for name in "^.<>" if name in held]
    for name, (row, col) in rows:
        if call.argument and name not in call.argument:
            continue
        text = vi.lines[row].lstrip(" \t") if row <= vi.buffer.last else "-invalid-"
        vi.print(f" {name} {row + 1:6d} {col:4d} {text}"[: vi.window.width - 1])


def buffers(vi: Vi, call: Call) -> None:
    """`:ls`."""
    del call
    vi.messages.below()
    flags = "%a" + (" +" if vi.buffer.changed else "  ")
    name = f'"{vi.buffer.name}"' if vi.buffer.name else '"[No Name]"'
    vi.print(f"  1 {flags} {name:<30} line {vi.cursor.row + 1}")
    if vi.other is not None:
        other = f'"{vi.other[0]}"'
        vi.print(f"  2 #    {other:<30} line {vi.other[1].row + 1}")


def history(vi: Vi, call: Call) -> None:
    """`:his`."""
    del call
    if not vi.options.number("history"):
        raise Failure("'history' option is zero")
    vi.messages.below()
    vi.print("      #  cmd history", "title")
    for number, text in enumerate(vi.entered[":"][-vi.options.number("history") :], 1):
        vi.print(f"{number:7d}  {text}")


def help_(vi: Vi, call: Call) -> None:
    """`:h`: this build has no help."""
    del call
    name = vi.options.text("helpfile")
    vi.say(f'Sorry, help file "{name}" not found')


def version(vi: Vi, call: Call) -> None:
    """`:ve`."""
    del call
    vi.messages.below()
    for line in vi.host.version().splitlines():
        vi.print(line)


def silent(vi: Vi, call: Call) -> Typing[None]:
    """`:silent`: run a command without its messages."""
    row = vi.messages.row
    yield from vi.run_line(call.argument)
    vi.messages.end()
    vi.messages.row = row


def _keys(text: str) -> str:
    out, at = "", 0
    while at < len(text):
        end = text.find(">", at)
        if text[at] == "<" and end > at:
            name = text[at + 1 : end].lower()
            if name in _KEYS:
                out += _KEYS[name]
                at = end + 1
                continue
            if name.startswith("c-") and len(name) == 3:
                out += chr(ord(name[2].upper()) ^ 0x40)
                at = end + 1
                continue
        if text[at] == "\x16" and at + 1 < len(text):
            at += 1
        out += text[at]
        at += 1
    return out


def map_(vi: Vi, call: Call) -> None:
    """`:map` and its like."""
    left, _, right = call.argument.partition(" ")
    right = right.strip(" \t") if right.strip() else ""
    if not left or not right:
        vi.say("No mapping found")
        return
    modes = "ic" if call.bang else _MODES[call.name]
    for mode in modes:
        vi.keyboard.maps.setdefault(mode, {})[_keys(left)] = (_keys(right), "nore" not in call.name)


def unmap(vi: Vi, call: Call) -> None:
    """`:unmap` and its like."""
    left = _keys(call.argument.strip())
    found = False
    for mode in "ic" if call.bang else _MODES[call.name]:
        found = vi.keyboard.maps.get(mode, {}).pop(left, None) is not None or found
    if not found:
        raise Failure("E31: No such mapping")
