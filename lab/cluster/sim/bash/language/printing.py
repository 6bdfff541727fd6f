"""Print a tree as bash prints it: for `declare -f`, `type`, and the commands that `jobs` lists."""

from lab.cluster.sim.bash.language.conditions_text import condition_text
from lab.cluster.sim.bash.language.tree import (
    ArithmeticCommand,
    ArithmeticFor,
    Case,
    Command,
    CommandList,
    Conditional,
    Coprocess,
    For,
    FunctionDefinition,
    Group,
    HereDocument,
    If,
    Pipeline,
    Redirection,
    Select,
    SimpleCommand,
    Statement,
    Subshell,
    While,
    Word,
)

__all__ = ["command_text", "function_text", "list_text", "statement_text"]

_STEP = 4


def function_text(function: FunctionDefinition) -> str:
    """Return a function over several lines, as `declare -f` does, with no newline at the end."""
    printer = _Printer()
    printer.function(function, keyword=False)
    return printer.text()


def statement_text(statement: Statement) -> str:
    """Return a statement as `jobs` does, loops over several lines. Without `&` at its end."""
    printer = _Printer()
    printer.skip = 1
    printer.statement(statement)
    return printer.text()


def command_text(command: Command) -> str:
    """Return one command, as in $BASH_COMMAND."""
    printer = _Printer()
    printer.skip = 1
    printer.command(command)
    return printer.text()


def list_text(tree: CommandList) -> str:
    """Return statements as one command's text."""
    printer = _Printer()
    printer.skip = 1
    printer.sequence(tree)
    return printer.text()


class _Printer:
    """Works as bash's own printer: it indents each command unless earlier text on the line forbids it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.indent = 0
        self.skip = 0
        self.within_function = 0
        self.documents: list[HereDocument] = []
        self.after_document = False

    def text(self) -> str:
        """Return the printed text."""
        self._flush("")
        return "".join(self.found)

    def put(self, text: str) -> None:
        """Print text."""
        self.found.append(text)

    def _begin(self) -> None:
        if self.skip:
            self.skip -= 1
        else:
            self.put(" " * self.indent)

    def newline(self, text: str) -> None:
        """Begin a line."""
        self.put("\n" + " " * self.indent + text)

    def _semicolon(self) -> None:
        if self.after_document:
            self.after_document = False
            return
        if not self.documents and not (self.found and self.found[-1].endswith(("&", "\n"))):
            self.put(";")
        self._flush("")

    def _flush(self, separator: str) -> None:
        """Print a separator and the pending here-documents of the line."""
        self.put(separator)
        if not self.documents:
            return
        self.put("\n")
        for document in self.documents:
            self.put(f"{document.text}{document.delimiter}\n")
        self.documents.clear()
        self.after_document = True

    # Lists

    def sequence(self, tree: CommandList) -> None:
        """Print statements."""
        for place, statement in enumerate(tree.statements):
            self.statement(statement)
            last = place == len(tree.statements) - 1
            if statement.background:
                self._flush(" &")
                if not last:
                    self.put(" ")
                    self.skip += 1
            elif not last:
                self._separate()

    def _separate(self) -> None:
        if self.documents:
            self._flush("" if self.within_function else ";")
            self.after_document = False
        elif self.after_document:
            self.after_document = False
        else:
            self.put(";")
        if self.within_function:
            self.put("\n")
        else:
            self.put(" ")
            self.skip += 1

    def statement(self, statement: Statement) -> None:
        """Print pipelines joined by `&&` and `||`."""
        self.pipeline(statement.first)
        for each in statement.rest:
            self._flush(f" {each.operator} ")
            self.skip += 1
            self.pipeline(each.pipeline)

    def pipeline(self, pipeline: Pipeline) -> None:
        """Print a pipeline."""
        if pipeline.timed or pipeline.negated:
            self._begin()
            self.put("time -p " if pipeline.timed == "time -p" else "time " if pipeline.timed else "")
            self.put("! " if pipeline.negated else "")
            self.skip += 1
        for place, command in enumerate(pipeline.commands):
            if place:
                waited = bool(self.documents)
                self._flush(" |")
                self.put("  " if waited else " ")
                self.after_document = False
                self.skip += 1
            self.command(command)

    # Commands

    def command(self, command: Command) -> None:
        """Print one command."""
        self._begin()
        if isinstance(command, SimpleCommand):
            self._simple(command)
        elif isinstance(command, FunctionDefinition):
            self.function(command, keyword=True)
        elif isinstance(command, Coprocess):
            self.put(f"coproc {command.name} ")
            self.skip += 1
            self.command(command.body)
        else:
            self._compound(command)
            for redirection in command.redirections:
                self.put(" ")
                self._redirection(redirection)

    def _simple(self, command: SimpleCommand) -> None:
        words = [*(assignment.source for assignment in command.assignments), *(w.source for w in command.words)]
        self.put(" ".join(words))
        for place, redirection in enumerate(command.redirections):
            self.put(" " if place or words else "")
            self._redirection(redirection)

    def _compound(
        self,
        command: Group
        | Subshell
        | If
        | For
        | ArithmeticFor
        | Select
        | While
        | Case
        | ArithmeticCommand
        | Conditional,
    ) -> None:
        match command:
            case Group():
                self._group(command.body)
            case Subshell():
                self.put("( ")
                self.skip += 1
                self.sequence(command.body)
                self._flush("")
                self.put(" )")
            case If():
                self._if(command.branches, command.otherwise)
            case For() | Select():
                keyword = "for" if isinstance(command, For) else "select"
                words = '"$@"' if command.words is None else " ".join(word.source for word in command.words)
                self.put(f"{keyword} {command.name} in {words};")
                self.newline("do\n")
                self._body(command.body, "done")
            case ArithmeticFor():
                parts = (command.initial, command.condition, command.step)
                self.put(f"for (({'; '.join(part.source.strip() or '1' for part in parts)}))")
                self.newline("do\n")
                self._body(command.body, "done")
            case While():
                self.put("until " if command.until else "while ")
                self.skip += 1
                self.sequence(command.condition)
                self._semicolon()
                self.put(" do\n")
                self._body(command.body, "done")
            case Case():
                self._case(command)
            case ArithmeticCommand():
                self.put(f"(({command.expression.source}))")
            case Conditional():
                self.put(f"[[ {condition_text(command.condition)} ]]")

    def _body(self, body: CommandList, end: str) -> None:
        self.indent += _STEP
        self.sequence(body)
        self._semicolon()
        self.indent -= _STEP
        self.newline(end)

    def _group(self, body: CommandList) -> None:
        self.put("{ ")
        if not self.within_function:
            self.skip += 1
            self.sequence(body)
            self._semicolon()
            self.put(" }")
            return
        self.put("\n")
        self.indent += _STEP
        self.sequence(body)
        self._flush("")
        self.indent -= _STEP
        self.newline("}")

    def _if(self, branches: tuple[tuple[CommandList, CommandList], ...], otherwise: CommandList | None) -> None:
        condition, body = branches[0]
        self.put("if ")
        self.skip += 1
        self.sequence(condition)
        self._semicolon()
        self.put(" then\n")
        self.indent += _STEP
        self.sequence(body)
        self._semicolon()
        self.indent -= _STEP
        if len(branches) > 1:
            self.newline("else\n")
            self.indent += _STEP
            self._begin()
            self._if(branches[1:], otherwise)
            self._semicolon()
            self.indent -= _STEP
        elif otherwise is not None:
            self.newline("else\n")
            self.indent += _STEP
            self.sequence(otherwise)
            self._semicolon()
            self.indent -= _STEP
        self.newline("fi")

    def _case(self, command: Case) -> None:
        self.put(f"case {command.word.source} in ")
        self.indent += _STEP
        for clause in command.clauses:
            self.newline(" | ".join(pattern.source for pattern in clause.patterns) + ")\n")
            self.indent += _STEP
            self.sequence(clause.body)
            self._flush("")
            self.indent -= _STEP
            self.newline(clause.end)
        self.indent -= _STEP
        self.newline("esac")

    def function(self, function: FunctionDefinition, *, keyword: bool) -> None:
        """Print a function; one within another begins with `function`."""
        self.put(f"{'function ' if keyword else ''}{function.name} () ")
        self.newline("{ \n")
        self.within_function += 1
        self.indent += _STEP
        body = function.body
        if isinstance(body, Group):
            self.sequence(body.body)
        else:
            self.command(body)
        self._flush("")
        self.indent -= _STEP
        self.within_function -= 1
        self.newline("}")
        if isinstance(body, Group):
            for redirection in body.redirections:
                self.put(" ")
                self._redirection(redirection)

    # Redirections

    def _redirection(self, redirection: Redirection) -> None:
        target, operator = redirection.target, redirection.operator
        number = redirection.descriptor
        before = f"{{{redirection.variable}}}" if redirection.variable else ""
        if isinstance(target, HereDocument):
            self.documents.append(target)
            self.put(f"{before or _shown(number, 0)}{operator}{_delimiter(target)}")
            return
        if operator in {"<&", ">&"}:
            self._duplication(redirection, target, before)
            return
        standard = 0 if operator in {"<", "<<<"} else 1
        if operator == "<>":
            before = before or str(number or 0)
        self.put(f"{before or _shown(number, standard)}{operator} {target.source}")

    def _duplication(self, redirection: Redirection, target: Word, before: str) -> None:
        operator = redirection.operator
        standard = 0 if operator == "<&" else 1
        number = before or str(standard if redirection.descriptor is None else redirection.descriptor)
        if target.source == "-":
            operator = ">&"
        elif _takes_both(redirection, target):
            self.put(f"&> {target.source}")
            return
        self.put(f"{number}{operator}{target.source}")


def _takes_both(redirection: Redirection, target: Word) -> bool:
    """Return whether `>&word` redirects both outputs to a file."""
    numbered = redirection.descriptor is not None or target.source.strip("-").isdigit()
    return redirection.operator == ">&" and not numbered and "$" not in target.source


def _shown(number: int | None, standard: int) -> str:
    return "" if number is None or number == standard else str(number)


def _delimiter(document: HereDocument) -> str:
    return f"'{document.delimiter}'" if document.quoted else document.delimiter
