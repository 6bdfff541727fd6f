"""The reader: one command at a time, incomplete input, and the printing of trees."""

import json
from pathlib import Path

import pytest

from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.printing import function_text, statement_text
from lab.cluster.sim.bash.language.reader import Dialect, ScriptReader, parse, wants_more
from lab.cluster.sim.bash.language.tree import FunctionDefinition

_FOLDER = Path(__file__).parent / "corpus"


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1 2; do\n",
        "if true\n",
        "echo 'a\n",
        'echo "a\n',
        "echo $(ls\n",
        "echo ${x\n",
        "echo `ls\n",
        "cat <<E\nbody\n",
        "a &&\n",
        "a |\n",
        "a \\\n",
        "f() {\n",
        "f()\n",
        "case x in\n",
        "case x in a) b;;\n",
        "x=(1\n",
        "((1+\n",
        "[[ a &&\n",
        "( a\n",
        "{ a\n",
        "while read x; do echo; done <<X\n1\n",
    ],
)
def test_more_is_wanted(text: str) -> None:
    assert wants_more(text)


@pytest.mark.parametrize(
    "text",
    [
        "echo a\n",
        "if x; fi\n",
        "echo )\n",
        "",
        "\n",
        "# a\n",
        "cat <<E\nbody\nE\n",
        "a &\n",
        "echo \\\\\n",
        "a > \n",
    ],
)
def test_no_more_is_wanted(text: str) -> None:
    assert not wants_more(text)


def test_commands_are_read_one_line_at_a_time() -> None:
    reader = ScriptReader("echo a; echo b\n\n# none\nfor i in 1; do\n echo\ndone\nif x; fi\n")
    first, second = reader.next(), reader.next()
    assert first is not None
    assert second is not None
    assert (len(first.statements), len(second.statements)) == (2, 1)
    with pytest.raises(ShellSyntaxError, match="unexpected token `fi'"):
        reader.next()


def test_an_alias_acts_from_the_next_line_on() -> None:
    reader = ScriptReader("k get\nk get\n")
    first = reader.next()
    second = reader.next(Dialect(aliases={"k": "kubectl -n x"}))
    assert first is not None
    assert second is not None
    assert statement_text(first.statements[0]) == "k get"
    assert statement_text(second.statements[0]) == "kubectl -n x get"


def test_a_document_without_its_end_waits_for_it() -> None:
    reader = ScriptReader("cat <<E\nbody\n")
    assert reader.next() is not None
    assert reader.waits_for_document


@pytest.mark.parametrize("name", json.loads((_FOLDER / "functions.json").read_text(encoding="utf-8")))
def test_a_function_is_printed_as_declare_prints_it(name: str) -> None:
    recorded = json.loads((_FOLDER / "functions.json").read_text(encoding="utf-8"))
    tree = parse((_FOLDER / "functions.sh").read_text(encoding="utf-8"))
    functions = {
        command.name: command
        for statement in tree.statements
        if isinstance(command := statement.first.commands[0], FunctionDefinition)
    }
    assert function_text(functions[name]) + "\n" == recorded[name]
