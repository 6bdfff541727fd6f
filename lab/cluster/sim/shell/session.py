"""A shell on a node: the library's bash over the node's files, with the lab's commands in it."""

import asyncio
import contextlib
import re
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bashkit import Bash, BashError, CommandContext, ExecutionProfile

from lab.cluster.sim.machine.proc import renew
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.network.flows import Source
from lab.cluster.sim.shell import input_feed, memory_guard
from lab.cluster.sim.shell.call import Call, Command, Exit
from lab.cluster.sim.shell.input_needs import opened, reads_input
from lab.cluster.sim.shell.pipes import poured
from lab.cluster.sim.timing.clock import Waiter

if TYPE_CHECKING:
    from lab.cluster.sim.machine.files import Files
    from lab.cluster.sim.shell.tty import Terminal
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["KILL", "PATH", "Session", "Sink", "script_of"]

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: What the library's bash says in other words than a node's: more of a command that it does not find, nothing of
#: the processor's time, which nothing that is simulated takes.
_WORDS = (
    (re.compile(rb"command not found\. [^\n]*"), rb"command not found"),
    (re.compile(rb"^(user|sys)\tunavailable$", re.MULTILINE), rb"\1\t0m0.000s"),
    (re.compile(rb"^(user|sys) unavailable$", re.MULTILINE), rb"\1 0.00"),
)
#: The library's kill knows its jobs only: the node's processes come first.
KILL = ".kill"
_KILL = f'kill() {{ {KILL} "$@" || builtin kill "$@"; }}'
_KILLS = re.compile(rb"^bash: line \d+: (?=kill: )", re.MULTILINE)
#: Words of a script for which what changes by itself is written into /proc: settings do not.
_PROC = re.compile(r"/proc(?!/sys/)")
_NO_LIMIT = 10**9
_MEMORY = 192 * 1024 * 1024
#: What a shell ends in that was killed.
_KILLED = 137
Sink = Callable[[bytes], Awaitable[None]]


class Session:
    """One shell: a login of a trainee, a command of the lab, a service's process, or a process in a container."""

    def __init__(
        self,
        world: "World",
        node: "NodeModel",
        *,
        commands: Mapping[str, Command],
        env: Mapping[str, str] | None = None,
        waiter: Waiter | None = None,
        container: Container | None = None,
        sandbox: Sandbox | None = None,
        files: "Files | None" = None,
        cwd: str = "/",
        terminal: "Terminal | None" = None,
        depth: int = 0,
        origin: "Session | None" = None,
    ) -> None:
        #: How many shells this one is within, and the outermost of them.
        self.depth = depth
        self.origin: Session = origin or self
        self.world = world
        self.node = node
        self.commands = commands
        self.container = container
        self.sandbox = sandbox
        self.waiter = waiter or Waiter()
        self.files = files or node.files
        #: Rows and columns of the terminal; none where there is no terminal.
        self.size: tuple[int, int] | None = None
        self.terminal = terminal
        #: Whether what runs has been given the source's input (a terminal's keys, say).
        self.fed = False
        self._pump: input_feed.Pump | None = None
        self._script = ""
        self._kills = False
        self._killed = False
        user = "root" if sandbox is None else "nobody"
        host = node.name if sandbox is None or sandbox.host_network else sandbox.name
        home = "/root" if sandbox is None else "/"
        base = {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", "SHELL": "/bin/bash"}
        base["UID"] = base["EUID"] = _user_id(sandbox, container)
        if sandbox is None:
            base["KUBECONFIG"] = "/etc/kubernetes/admin.conf"
        self.env = {**base, **(env or {})}
        self.bash = Bash(
            username=user,
            hostname=host,
            cwd=cwd,
            env=self.env,
            profile=ExecutionProfile.Interactive,
            max_commands=_NO_LIMIT,
            max_loop_iterations=_NO_LIMIT,
            max_memory=_MEMORY,
            timeout_seconds=_NO_LIMIT,
        )
        self._lent = contextlib.ExitStack()
        self.bash.mount("/", self._lent.enter_context(self.files.lent()))
        for name, command in commands.items():
            self.bash.add_command(name, self._adapted(name, command))

    @property
    def source(self) -> Source:
        """Where this shell's connections start."""
        return Source(self.node, self.sandbox)

    async def run(
        self,
        script: str,
        out: Sink,
        err: Sink,
        *,
        source: input_feed.Source | None = None,
        subshell: bool = False,
        lead: str = "",
        plain: bool = False,
    ) -> int:
        """Run `lead` and `script`, which may read from `source`; return its exit code. Cancelling ends it.

        A `plain` one is as the library needs it.
        """
        self._script = script = self._prepared(script, source, subshell=subshell, lead=lead, plain=plain)
        if "kill" in script and KILL in self.commands and not self._kills:
            self._kills = True
            await self.bash.execute(_KILL)
        if _PROC.search(script) and self.sandbox is None:
            renew(self.node)

        async def complain(chunk: bytes) -> None:
            await self.world.clock.going()
            await err(self._in_bashs_words(chunk))

        async def say(chunk: bytes) -> None:
            await self.world.clock.going()
            await out(chunk)

        self._killed = False
        try:
            await self.world.clock.going()
            with self.world.clock.user(self.waiter), memory_guard.bounded(self):
                result = await self.bash.execute(script, stdout=say, stderr=complain)
        except BashError as error:
            return await self._failed(str(error), 2, err)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                self.stop()
            raise
        finally:
            self.world.handled |= self.waiter.foreground
            self.world.poke()
        return await self._failed(result.error or "", int(result.exit_code), err)

    def _prepared(
        self, script: str, source: input_feed.Source | None, *, subshell: bool, lead: str, plain: bool
    ) -> str:
        """Return what the library is to run for `lead` and `script`."""
        if not plain:
            script = poured(script)
        self.fed = source is not None and reads_input(script, depth=int(subshell))
        if not plain and not self.fed:
            script = opened(script)
        if source is not None and self.fed:
            self._pump = input_feed.Pump(source)
            self.bash.add_command(input_feed.POUR, self._pump.pour)
            self.bash.add_command(input_feed.DRAIN, self._pump.drain)
            return input_feed.Pump.wrapped(script, subshell=subshell, lead=lead)
        return f"{lead}\n{script}" if lead else script

    def _in_bashs_words(self, chunk: bytes) -> bytes:
        chunk = _KILLS.sub(b"bash: line %d: " % self.line_of("kill"), chunk)
        for words, real in _WORDS:
            chunk = words.sub(real, chunk)
        return chunk

    async def _failed(self, why: str, code: int, err: Sink) -> int:
        """Say why what ran was ended, if it was, and return its exit code."""
        if self._killed:
            self.bash.clear_cancel()
            await err(b"Killed (out of memory)\n")
            return _KILLED
        if why:
            await err(f"bash: {why}\n".encode())
        return code

    def kill(self) -> None:
        """End what runs, as a machine does that has no memory left."""
        self._killed = True
        self.stop()

    def line_of(self, word: str) -> int:
        """Return the first line of what runs that has `word`: the library does not tell a command its own."""
        found = re.search(rf"(?<![\w./-]){re.escape(word)}(?![\w./=-])", self._script)
        return self._script.count("\n", 0, found.start()) + 1 if found else 1

    def stop(self) -> None:
        """End what runs."""
        if hasattr(self, "bash"):
            self.bash.cancel()

    def close(self) -> None:
        """Let go of the interpreter: it holds the commands, which hold this shell, and no collector sees that."""
        if hasattr(self, "bash"):
            del self.bash
            self._lent.close()

    def _adapted(self, name: str, command: Command) -> Callable[[CommandContext], Awaitable[int]]:
        async def adapted(context: CommandContext) -> int:
            await self.world.clock.going()
            call = Call(self, name, context)
            try:
                return await command(call)
            except BrokenPipeError:
                return 141
            except Exit as end:
                return await call.fail(end.message, end.code)
            finally:
                self.world.poke()

        return adapted

    def nested(self, *, env: Mapping[str, str], cwd: str, **more: Any) -> "Session":  # noqa: ANN401 -- passed on
        """Return a shell inside this one, for `timeout`, `bash -c` and the like."""
        settings: dict[str, Any] = {
            "commands": self.commands,
            "env": env,
            "cwd": cwd,
            "waiter": Waiter(foreground=self.waiter.foreground),
            "container": self.container,
            "sandbox": self.sandbox,
            "files": self.files,
            "terminal": self.terminal,
            "depth": self.depth + 1,
            "origin": self.origin,
        }
        settings |= more
        return Session(self.world, settings.pop("node", self.node), **settings)


def _user_id(sandbox: Sandbox | None, container: Container | None) -> str:
    """Return the number of the user that a shell runs as."""
    return "10001" if sandbox is not None and container is not None and "agnhost" in container.image else "0"


def script_of(argv: Sequence[str], stdin_path: str = "") -> str:
    """Return the script that runs `argv`, with its input from a file."""
    command = shlex.join(argv)
    match argv:
        case ["bash", "-c", script] if not stdin_path:
            # It is a process of its own anyway.
            return script
        case ["bash" | "sh", "-c", script, _name, *words] if not stdin_path:
            return f"set -- {shlex.join(words)}; {script}"
        case ["bash", "-euo", "pipefail", "-c", script] if not stdin_path:
            return f"set -euo pipefail; {script}"
    return f"{{ {command}; }} < {stdin_path}" if stdin_path else command
