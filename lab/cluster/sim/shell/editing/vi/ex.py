"""Ex commands: the text behind the colon."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lab.cluster.sim.shell.editing.shell import Shell
from lab.cluster.sim.shell.editing.vi import argument_list, ex_lines, files, settings, substitute
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.excall import Call
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.ranges import read_range
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["execute", "run_file"]

Action = Callable[[Vi, Call], "Typing[None] | None"]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A command: how short its name may be, and what it takes.

    `takes` has `r` for a range, `!`, `a` for an argument, `w` if it must have one, `|` if a bar belongs to it,
    `%` if it is for all lines when no range is given, `0` if it may be for line 0, `c` for a count, `x` for a
    register.
    """

    name: str
    least: int
    action: Action
    takes: str = field(default="")


def _of(spec: str, action: Action, takes: str = "") -> _Entry:
    """Return the entry of a command that is written as `d[elete]`."""
    least, _, rest = spec.partition("[")
    return _Entry(least + rest.removesuffix("]"), len(least), action, takes)


def _later_release(vi: Vi, call: Call) -> None:
    del call
    vi.say("E319: Sorry, the command is not available in this version", "error")


def _not_simulated(vi: Vi, call: Call) -> None:
    vi.say(f"Not simulated: :{call.name} (use --backend kind)", "error")


def _nothing(vi: Vi, call: Call) -> None:
    del vi, call


_COMMANDS = [
    _of("a[ppend]", _not_simulated, "r!a"),
    _of("c[hange]", _not_simulated, "r!a"),
    _of("i[nsert]", _not_simulated, "r!a"),
    _of("co[py]", ex_lines.copy, "ra"),
    _of("t", ex_lines.copy, "ra"),
    _of("d[elete]", ex_lines.delete_lines, "rxc"),
    _of("di[splay]", settings.registers, "a"),
    _of("e[dit]", files.edit, "!a"),
    _of("ex", files.edit, "!a"),
    _of("f[ile]", files.file_name, "!a"),
    _of("fix[del]", _nothing),
    _of("g[lobal]", substitute.global_, "r!a%|"),
    _of("h[elp]", settings.help_, "!a"),
    _of("his[tory]", settings.history, "a"),
    _of("j[oin]", ex_lines.join_lines, "r!c"),
    _of("k", ex_lines.mark, "ra"),
    _of("l[ist]", ex_lines.print_listed, "rc"),
    _of("ls", settings.buffers, "!"),
    _of("files", settings.buffers, "!"),
    _of("buffers", settings.buffers, "!"),
    _of("m[ove]", ex_lines.move, "ra"),
    _of("ma[rk]", ex_lines.mark, "ra"),
    _of("marks", settings.marks, "a"),
    _of("n[ext]", argument_list.next_file, "!a"),
    _of("N[ext]", argument_list.previous_file, "!a"),
    _of("prev[ious]", argument_list.previous_file, "!a"),
    _of("norm[al]", ex_lines.normal, "r!aw|"),
    _of("nu[mber]", ex_lines.print_numbered, "rc"),
    _of("#", ex_lines.print_numbered, "rc"),
    _of("p[rint]", ex_lines.print_lines, "rc"),
    _of("P[rint]", ex_lines.print_lines, "rc"),
    _of("pu[t]", ex_lines.put_register, "r!0x"),
    _of("pw[d]", files.folder),
    _of("q[uit]", files.quit_, "!"),
    _of("qa[ll]", files.quit_, "!"),
    _of("quita[ll]", files.quit_, "!"),
    _of("cq[uit]", files.quit_badly, "!"),
    _of("r[ead]", files.read, "r0!a"),
    _of("red[o]", ex_lines.redo_change),
    _of("redr[aw]", _nothing, "!"),
    _of("reg[isters]", settings.registers, "a"),
    _of("ret[ab]", ex_lines.retab, "r!a%"),
    _of("rew[ind]", argument_list.rewind, "!"),
    _of("s[ubstitute]", substitute.substitute, "ra|"),
    _of("sav[eas]", files.save_as, "!aw"),
    _of("se[t]", settings.set_, "a"),
    _of("setl[ocal]", settings.set_, "a"),
    _of("setg[lobal]", settings.set_, "a"),
    _of("sh[ell]", _not_simulated),
    _of("so[urce]", files.source, "!aw"),
    _of("sor[t]", ex_lines.sort, "r!a%"),
    _of("st[op]", _not_simulated, "!"),
    _of("sus[pend]", _not_simulated, "!"),
    _of("star[tinsert]", ex_lines.start_insert, "!"),
    _of("u[ndo]", ex_lines.undo_change, "c"),
    _of("up[date]", files.update, "r!a"),
    _of("v[global]", substitute.global_, "ra%|"),
    _of("ve[rsion]", settings.version),
    _of("vi[sual]", files.edit, "!a"),
    _of("vie[w]", files.edit, "!a"),
    _of("w[rite]", files.write, "r!a%"),
    _of("wa[ll]", files.write, "!"),
    _of("wq", files.write_quit, "r!a%"),
    _of("wqa[ll]", files.write_quit, "!"),
    _of("wn[ext]", files.write, "!a"),
    _of("x[it]", files.exit_, "r!a%"),
    _of("xa[ll]", files.exit_, "!"),
    _of("exi[t]", files.exit_, "r!a%"),
    _of("y[ank]", ex_lines.yank_lines, "rxc"),
    _of("z", ex_lines.print_around, "ra"),
    _of(">", ex_lines.shift_lines, "ra"),
    _of("<", ex_lines.shift_lines, "ra"),
    _of("&&", substitute.repeat, "ra"),
    _of("&", substitute.repeat, "ra"),
    _of("~", substitute.repeat, "ra"),
    _of("=", ex_lines.line_number, "r%a"),
    _of("@", ex_lines.play, "ra"),
    _of("*", ex_lines.play, "ra"),
    _of("map", settings.map_, "!a|"),
    _of("nm[ap]", settings.map_, "a|"),
    _of("im[ap]", settings.map_, "a|"),
    _of("vm[ap]", settings.map_, "a|"),
    _of("cm[ap]", settings.map_, "a|"),
    _of("no[remap]", settings.map_, "!a|"),
    _of("nn[oremap]", settings.map_, "a|"),
    _of("ino[remap]", settings.map_, "a|"),
    _of("vn[oremap]", settings.map_, "a|"),
    _of("cno[remap]", settings.map_, "a|"),
    _of("unm[ap]", settings.unmap, "!a|"),
    _of("nun[map]", settings.unmap, "a|"),
    _of("iu[nmap]", settings.unmap, "a|"),
    _of("b[uffer]", _not_simulated, "!a"),
    _of("bn[ext]", _nothing, "!"),
    _of("bp[revious]", _nothing, "!"),
    _of("sp[lit]", _not_simulated, "!a"),
    _of("new", _not_simulated, "!a"),
    _of("on[ly]", _nothing, "!"),
    _of("clo[se]", files.quit_, "!"),
    _of("ab[breviate]", _not_simulated, "a|"),
    _of("cd", _not_simulated, "!a"),
    _of("ar[gs]", argument_list.arguments, "a"),
    _of("sil[ent]", settings.silent, "!a|"),
    *(
        _of(spec, _later_release, "r!a|")
        for spec in (
            "sy[ntax]",
            "noh[lsearch]",
            "colo[rscheme]",
            "filet[ype]",
            "let",
            "if",
            "endif",
            "au[tocmd]",
            "vs[plit]",
            "hi[ghlight]",
            "echo",
            "cal[l]",
            "fu[nction]",
            "exe[cute]",
            "ju[mps]",
            "cha[nges]",
            "tabe[dit]",
            "tabnew",
            "dif[fthis]",
            "py[thon]",
            "mk[exrc]",
            "mks[ession]",
            "fo[ld]",
            "cope[n]",
            "mak[e]",
            "vne[w]",
            "ec[ho]",
        )
    ),
]


def execute(vi: Vi, text: str) -> Typing[None]:
    """Run a command line. Raise `Failure` for an invalid one."""
    rest: str | None = text
    before, vi.in_line = vi.in_line, True
    try:
        while rest is not None:
            rest = yield from _one(vi, rest)
    finally:
        vi.in_line = before


def run_file(vi: Vi, text: str) -> Typing[list[tuple[int, str]]]:
    """Run a file of commands, such as a vimrc; return the failing lines by number, with the errors."""
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        command = line.strip(" \t:")
        if not command or command.startswith('"'):
            continue
        try:
            yield from execute(vi, command)
        except Failure as failure:
            wrong.append((number, str(failure)))
        except Beep:
            pass
        else:
            said = "".join(span.text for span in vi.messages.row)
            if said.startswith("E319"):
                wrong.append((number, said))
        vi.messages.end()
    return wrong


def _one(vi: Vi, text: str) -> Typing[str | None]:
    """Run the first command of a line; return the rest after a bar, if there is one."""
    stripped = text.lstrip(" \t:")
    if stripped.startswith('"') or not stripped:
        return None
    where, rest = read_range(vi, text)
    rest = rest.lstrip(" \t:")
    if not rest or rest.startswith(("|", '"')):
        if where.given:
            _go_to(vi, where.last)
        return rest[1:] if rest.startswith("|") else None
    if where.first > where.last and not vi.globally:
        if not (yield from _may_swap(vi)):
            return None
        where.first, where.last = where.last, where.first
    if rest.startswith("!"):
        yield from _filter(vi, where, rest[1:])
        return None
    entry, after = _find(vi, rest, text)
    call = Call(entry.name, where, text=text)
    call.bang = after.startswith("!") and "!" in entry.takes
    if after.startswith("!") and not call.bang and entry.name not in {"substitute", "&", "&&", "~"}:
        raise Failure("E477: No ! allowed")
    after = after[1:] if call.bang else after
    tail: str | None = None
    if "|" not in entry.takes:
        after, tail = _split(after, comments=entry.name not in {"&", "&&", "~"})
    call.argument = after.lstrip(" \t")
    call.raw = after
    _check(vi, entry, call)
    result = entry.action(vi, call)
    if result is not None:
        yield from result
    return tail


def _may_swap(vi: Vi) -> Typing[bool]:
    """Ask whether to reverse a backwards range."""
    vi.question = "Backwards range given, OK to swap (y/n)?"
    try:
        while (key := (yield from vi.keyboard.get())) not in {"y", "n", "\x1b", "\x03"}:
            pass
    finally:
        vi.question = ""
        vi.messages.clear()
    return key == "y"


def _split(text: str, *, comments: bool) -> tuple[str, str | None]:
    """Split a line at the first bar, or cut it at a comment."""
    at = 0
    while at < len(text):
        if text[at] in "\\\x16" and text[at + 1 : at + 2] == "|":
            text = text[:at] + text[at + 1 :]
        elif text[at] == "|":
            return text[:at], text[at + 1 :]
        elif text[at] == '"' and comments and text[:at].endswith((" ", "\t")) and not text[at + 1 :].count('"'):
            return text[:at], None
        at += 1
    return text, None


def _find(vi: Vi, rest: str, text: str) -> tuple[_Entry, str]:
    """Return the command at the start of `rest`, and the text behind its name."""
    del vi
    end = 0
    if rest[0].isalpha():
        while rest[end : end + 1].isalpha() and rest[end : end + 1].isascii():
            end += 1
        # `k` and `s` may be followed by their argument without a blank.
        if rest[0] == "k" and rest[:end] not in {"keepjumps", "keepmarks"}:
            end = 1
        if rest[0] == "s" and _is_substitute(rest[:end]):
            end = 1
        if rest[0] == "d" and end == 2 and rest[1] in "lp":
            end = 1
    else:
        end = 2 if rest.startswith("&&") else 1
    name = rest[:end]
    for entry in _COMMANDS:
        if entry.name.startswith(name) and len(name) >= entry.least:
            return entry, rest[end:]
    raise Failure(f"E492: Not an editor command: {text.lstrip(': ')}")


def _is_substitute(name: str) -> bool:
    """Whether a name is `s` with flags of a repeated substitution, such as `sg` or `si`."""
    return 1 < len(name) <= 3 and all(char in "cgriIn&" for char in name[1:]) and name not in {"sign", "sc", "src"}


def _check(vi: Vi, entry: _Entry, call: Call) -> None:
    """Check range, count and argument of a command."""
    where, last = call.where, len(vi.lines)
    if where.given and "r" not in entry.takes:
        raise Failure("E481: No range allowed")
    if "%" in entry.takes and not where.given:
        where.first, where.last = 1, last
    if max(where.first, where.last) > last or min(where.first, where.last) < 0:
        raise Failure("E16: Invalid range")
    if "x" in entry.takes:
        _take_register(call)
    if "c" in entry.takes:
        _take_count(call, last)
    if call.argument and "a" not in entry.takes and not _flags_only(entry, call):
        raise Failure(f"E488: Trailing characters: {call.argument}")
    if not call.argument and "w" in entry.takes:
        raise Failure("E471: Argument required")
    if "0" not in entry.takes:
        where.first, where.last = max(where.first, 1), max(where.last, 1)


def _take_register(call: Call) -> None:
    """Read the name of a register from an argument."""
    name = call.argument[:1]
    if name and not name.isdigit() and (name.isalpha() or name in '"-_*+'):
        call.register, call.argument = name, call.argument[1:].lstrip(" \t")


def _take_count(call: Call, last: int) -> None:
    """Parse a count from an argument: that many lines from the range's last line on."""
    rest = call.argument.lstrip("0123456789")
    digits = call.argument[: len(call.argument) - len(rest)]
    if not digits:
        return
    call.argument, call.count = rest.lstrip(" \t"), int(digits)
    if call.count == 0:
        raise Failure("E939: Positive count required")
    if call.name != "undo":
        call.where.first = call.where.last
        call.where.last = min(call.where.last + call.count - 1, last)


def _flags_only(entry: _Entry, call: Call) -> bool:
    """Whether the rest is only `l`, `#` or `p`: then the line is printed afterwards."""
    if "c" in entry.takes or "x" in entry.takes:
        return not call.argument.strip("l#p")
    return False


def _go_to(vi: Vi, line: int) -> None:
    """Go to a line: the command is only a range."""
    if line > len(vi.lines):
        if vi.options.like_vi("-"):
            raise Failure("E16: Invalid range")
        line = len(vi.lines)
    vi.mark_jump()
    vi.go_line(max(line, 1) - 1)


def _filter(vi: Vi, where: "files.Range", command: str) -> Typing[None]:
    """`:!`: run a command, or filter lines with one."""
    if command.startswith("!"):
        if vi.last.shell is None:
            raise Failure("E34: No previous command")
        command = vi.last.shell + command[1:]
    command = files.expanded(vi, command)
    vi.last.shell = command
    if not where.given:
        result = yield Shell(command, None)
        lines = ["", *result.output.splitlines(), ""]
        if result.code:
            lines += [f"shell returned {result.code}", ""]
        for line in lines:
            vi.print(line)
        vi.messages.outside = True
        return
    yield from ex_lines.filter_lines(vi, where, command)
