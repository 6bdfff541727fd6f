"""Compound commands: groups, subshells, conditions, loops, `case`, `[[ ]]`, `(( ))`, functions."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from lab.cluster.sim.bash.expansion.errors import ExpansionError
from lab.cluster.sim.bash.expansion.variables import ReadonlyError
from lab.cluster.sim.bash.language import tree
from lab.cluster.sim.bash.language.printing import command_text, function_text
from lab.cluster.sim.bash.running import pipelines, selecting
from lab.cluster.sim.bash.running.flow import Break, Continue
from lab.cluster.sim.bash.running.forks import fork
from lab.cluster.sim.bash.running.shell import Interpreter, Shell

__all__ = ["run"]

#: How many bytes the tree of a function takes for each letter of its text.
_TREE = 100

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
#: The processor time of one round of a loop, in s.
_ROUND = 2e-5


async def run(evaluator: Interpreter, command: tree.Command, *, replaces: bool) -> int:
    """Run a compound command, whose redirections are already applied."""
    shell = evaluator.shell
    line = getattr(command, "line", 0)
    if isinstance(command, tree.Subshell):
        return await _subshell(evaluator, command, replaces=replaces)
    try:
        return await _KINDS[type(command)](evaluator, command)
    except ExpansionError as problem:
        shell.line = line or shell.line
        return await evaluator.expansion_failed(problem)


async def _group(evaluator: Interpreter, command: tree.Group) -> int:
    return await evaluator.run_list(command.body)


async def _subshell(evaluator: Interpreter, command: tree.Subshell, *, replaces: bool) -> int:
    shell = evaluator.shell
    if replaces and not shell.traps.commands:
        # It is already a process of its own.
        shell.subshells += 1
        return await evaluator.run_list(command.body)

    async def body(copy: Shell) -> int:
        return await copy.evaluator.run_list(command.body)

    monitor = shell.options["monitor"]
    child = fork(shell, body, group=0 if monitor else None)
    if (terminal := evaluator.terminal) is not None:
        terminal.foreground = child.group
    return (await pipelines.attend(evaluator, [child], lambda: [command_text(command)]))[0]


async def _if(evaluator: Interpreter, command: tree.If) -> int:
    for condition, body in command.branches:
        if await evaluator.run_guarded(condition) == 0:
            return await evaluator.run_list(body)
    if command.otherwise is not None:
        return await evaluator.run_list(command.otherwise)
    evaluator.shell.status = 0
    return 0


async def _round(evaluator: Interpreter, body: tree.CommandList) -> tuple[int, bool]:
    """Run a loop's body once; return its exit code, and whether the loop goes on."""
    shell = evaluator.shell
    await shell.process.step(_ROUND)
    if shell.process.pending:
        await evaluator.handle_signals()
    try:
        return await evaluator.run_list(body), True
    except Break as leave:
        if leave.levels > 1 and shell.loops > 1:
            raise Break(leave.levels - 1, leave.code) from None
        return leave.code, False
    except Continue as leave:
        if leave.levels > 1 and shell.loops > 1:
            raise Continue(leave.levels - 1) from None
        return 0, True


async def _while(evaluator: Interpreter, command: tree.While) -> int:
    shell = evaluator.shell
    status = 0
    shell.loops += 1
    try:
        while True:
            try:
                met = (await evaluator.run_guarded(command.condition) == 0) != command.until
            except Break as leave:
                if leave.levels > 1 and shell.loops > 1:
                    raise Break(leave.levels - 1, leave.code) from None
                break
            except Continue:
                continue
            if not met:
                break
            status, more = await _round(evaluator, command.body)
            if not more:
                break
    finally:
        shell.loops -= 1
    shell.status = status
    return status


async def _for(evaluator: Interpreter, command: tree.For) -> int:
    shell = evaluator.shell
    shell.line = command.line
    if not _NAME.fullmatch(command.name):
        return await shell.complain(f"`{command.name}': not a valid identifier")
    words: Iterable[str] = (
        list(shell.positional) if command.words is None else await shell.expander.fields(command.words)
    )
    status = 0
    shell.loops += 1
    try:
        for word in words:
            if shell.options["xtrace"]:
                shown = " ".join(each.source for each in command.words or ()) or '"$@"'
                await shell.trace(f"for {command.name} in {shown}")
            try:
                shell.variables.set(command.name, word)
            except ReadonlyError as problem:
                return await shell.complain(problem.message)
            status, more = await _round(evaluator, command.body)
            if not more:
                break
    finally:
        shell.loops -= 1
    shell.status = status
    return status


async def _arithmetic_for(evaluator: Interpreter, command: tree.ArithmeticFor) -> int:
    shell = evaluator.shell
    number = shell.expander.number
    status = 0
    shell.loops += 1
    try:
        if command.initial.source.strip():
            await number(command.initial)
        while not command.condition.source.strip() or await number(command.condition):
            status, more = await _round(evaluator, command.body)
            if not more:
                break
            if command.step.source.strip():
                await number(command.step)
    finally:
        shell.loops -= 1
    shell.status = status
    return status


async def _select(evaluator: Interpreter, command: tree.Select) -> int:
    shell = evaluator.shell
    words = list(shell.positional) if command.words is None else await shell.expander.fields(command.words)
    status = 0
    shell.loops += 1
    try:
        menu = True
        while words and await selecting.chosen(shell, command.name, words, menu=menu):
            menu = False
            status, more = await _round(evaluator, command.body)
            if not more:
                break
    finally:
        shell.loops -= 1
    return status


async def _case(evaluator: Interpreter, command: tree.Case) -> int:
    shell = evaluator.shell
    shell.line = command.line
    text = await shell.expander.text(command.word)
    if shell.options["xtrace"]:
        await shell.trace(f"case {command.word.source} in")
    status, falls, shell.status = 0, False, 0
    for clause in command.clauses:
        if not falls:
            for pattern in clause.patterns:
                if await shell.expander.matches(pattern, text):
                    break
            else:
                continue
        status = await evaluator.run_list(clause.body) if clause.body.statements else 0
        if clause.end == ";;":
            break
        falls = clause.end == ";&"
    return status


async def _arithmetic(evaluator: Interpreter, command: tree.ArithmeticCommand) -> int:
    shell = evaluator.shell
    shell.line = command.line
    await shell.process.step(_ROUND)
    if shell.options["xtrace"]:
        await shell.trace(f"(( {command.expression.source.strip()} ))")
    return int(await shell.expander.number(command.expression) == 0)


async def _conditional(evaluator: Interpreter, command: tree.Conditional) -> int:
    shell = evaluator.shell
    shell.line = command.line
    await shell.process.step(_ROUND)
    return int(not await shell.expander.condition(command.condition))


async def _function(evaluator: Interpreter, command: tree.FunctionDefinition) -> int:
    shell = evaluator.shell
    if command.name in shell.readonly_functions:
        shell.line = command.line
        return await shell.complain(f"{command.name}: readonly function")
    shell.functions[command.name] = command
    shell.weights.note(("function", command.name), _TREE * len(function_text(command)))
    shell.function_sources[command.name] = shell.source_now or ("main" if shell.interactive else "environment")
    return 0


async def _coprocess(evaluator: Interpreter, command: tree.Coprocess) -> int:
    evaluator.shell.line = command.line
    return await evaluator.shell.complain("coproc: not simulated (use --backend kind)")


_KINDS: dict[type, Callable[[Interpreter, Any], Awaitable[int]]] = {
    tree.Group: _group,
    tree.If: _if,
    tree.While: _while,
    tree.For: _for,
    tree.ArithmeticFor: _arithmetic_for,
    tree.Select: _select,
    tree.Case: _case,
    tree.ArithmeticCommand: _arithmetic,
    tree.Conditional: _conditional,
    tree.FunctionDefinition: _function,
    tree.Coprocess: _coprocess,
}
