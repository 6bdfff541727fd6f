"""less and more: texts, page by page."""

from typing import TYPE_CHECKING, cast

from lab.cluster.sim.bash.running.call import Call

if TYPE_CHECKING:
    from lab.cluster.sim.shell.tty import Terminal

__all__ = ["less"]


async def less(call: Call) -> int:
    """Show files or stdin page by page; without a terminal, print everything at once."""
    words = [word for word in call.argv if not word.startswith(("-", "+"))]
    texts = []
    for word in words or ["-"]:
        try:
            texts.append(await call.read(word))
        except FileNotFoundError:
            return await call.fail(f"{word}: No such file or directory")
    text = "".join(texts)
    out = call.process.descriptors.get(1)
    if call.controlling is None or out is None or not out.terminal:
        await call.out(text)
        return 0
    from lab.cluster.sim.shell.pager import Pager  # noqa: PLC0415 -- slow to load, and for who sits at a terminal

    pager = Pager(cast("Terminal", call.controlling), words[0] if words else "", text.rstrip("\n"))
    await call.process.outside(pager.run())
    return 0
