"""find: search files by their properties."""

import posixpath
from collections.abc import AsyncIterator
from dataclasses import dataclass

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.find_parser import Plan, parse
from lab.cluster.sim.bash.tools.find_tests import Found
from lab.cluster.sim.bash.tools.options import UsageError
from lab.cluster.sim.bash.tools.places import place_of

__all__ = ["find"]


async def find(call: Call) -> int:
    """Print the matching files, or run an action with each."""
    try:
        plan = parse(call, call.argv)
    except UsageError as error:
        return await call.fail(error.message, error.code)
    for warning in plan.warnings:
        await call.err(f"find: warning: {warning}\n")
    walk = _Walk(call, plan)
    for start in plan.starts:
        path = place_of(call, start)
        if not start or not call.files.exists(path):
            await call.err(f"find: ‘{start}’: No such file or directory\n")
            plan.state.code = 1
            continue
        async for _ in walk.below(Found(call, start, path, 0, start)):
            if plan.state.over:
                break
        if plan.state.over:
            break
    await plan.state.finish()
    return plan.state.code


@dataclass(slots=True)
class _Walk:
    """Walks through folders: each folder before its content, or after it with `-depth`."""

    call: Call
    plan: Plan

    async def below(self, found: Found) -> AsyncIterator[None]:
        plan, state = self.plan, self.plan.state
        follows = plan.follows == "L" or (plan.follows == "H" and found.depth == 0)
        found.follow = follows
        state.pruned = False
        wanted = plan.least <= found.depth
        if wanted and not plan.contents_first:
            await plan.expression.test(found)
            yield
        pruned = state.pruned and not plan.contents_first
        if found.kind == "d" and not pruned and found.depth < plan.most and not state.over:
            for name in self.call.files.names(found.real):
                shown = f"{found.shown.rstrip('/') if found.shown != '/' else ''}/{name}"
                where = posixpath.join(found.real, name)
                if not self.call.files.exists(where):
                    continue
                async for _ in self.below(Found(self.call, shown, where, found.depth + 1, found.start)):
                    yield
                if state.over:
                    return
            await self.call.step()
        if wanted and plan.contents_first and not state.over:
            await plan.expression.test(found)
            yield
