"""Ask a cluster many questions: on a real node one call runs a whole batch."""

import base64
import logging
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lab.cluster.base import Cluster, Node
from tests.differential.model import Answer, Area, Question

__all__ = ["ask", "prepare"]

_BATCH = 24
#: Runs each line of its input, `$1` of them at once: the time limit in s and the script, in base64. Prints exit
#: codes and outputs in the order of the lines.
_RUNNER = """
d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
asked() { # LIMIT SCRIPT NUMBER
  base64 -d <<<"$2" >$d/script$3
  timeout -k 2 "$1" bash -c "$(<$d/script$3)" >$d/out$3 2>$d/err$3 </dev/null
  echo "$? $(base64 -w0 $d/out$3) . $(base64 -w0 $d/err$3)" >$d/answer$3
}
n=0
while read -r limit script; do
  # A process in the background ignores some signals, so questions that are asked alone are not.
  if (( $1 == 1 )); then asked "$limit" "$script" $n; else asked "$limit" "$script" $n & fi
  (( ++n % $1 )) || wait
done
wait
for (( i = 0; i < n; i++ )); do cat $d/answer$i; done
"""


def _script(area: Area, question: Question) -> str:
    """Return the script that a node runs: the area's preparation, then the question in a bash of its own."""
    ready = f"{{ {area.before}\n}} >/dev/null 2>&1; " if area.before else ""
    return f"{ready}exec bash -c {shlex.quote(question.script)}"


def prepare(cluster: Cluster, area: Area) -> None:
    """Set up a cluster for the questions of `area`."""
    if area.setup:
        cluster.control_plane.run(["bash", "-c", area.setup], timeout=120)
    for path in area.copied:
        for node in cluster.nodes[1:]:
            node.write_file(path, cluster.control_plane.read_file(path))


def ask(cluster: Cluster, area: Area, questions: Sequence[Question]) -> list[Answer]:
    """Return the answers of the cluster to `questions`, in order."""
    if cluster.backend == "sim" or area.elsewhere:
        return [_one(cluster, area, question) for question in questions]
    starts = range(0, len(questions), _BATCH)
    node = cluster.control_plane
    return [each for start in starts for each in _batch(node, area, questions[start : start + _BATCH])]


def _one(cluster: Cluster, area: Area, question: Question) -> Answer:
    with _mistakes() as found:
        script = ["bash", "-c", _script(area, question)]
        result = cluster.control_plane.run(script, timeout=question.timeout)
        out, err = result.stdout, result.stderr
        for node in cluster.nodes[1:] if area.elsewhere else ():
            more = node.run(["bash", "-c", area.elsewhere], timeout=question.timeout)
            out, err = out + more.stdout, err + more.stderr
    return Answer(result.rc, out, err, "\n".join(found))


def _batch(node: Node, area: Area, questions: Sequence[Question]) -> Iterator[Answer]:
    lines = [
        f"{question.timeout:g} {base64.b64encode(_script(area, question).encode()).decode()}\n"
        for question in questions
    ]
    limit = sum(question.timeout for question in questions) + 60
    result = node.run(
        ["bash", "-c", _RUNNER, "ask", str(area.together)], stdin="".join(lines), timeout=limit
    ).check()
    for line in result.stdout.splitlines():
        code, _, texts = line.partition(" ")
        out, _, err = texts.partition(".")
        yield Answer(int(code), _decoded(out), _decoded(err))


def _decoded(text: str) -> str:
    return base64.b64decode(text.strip()).decode(errors="replace")


class _Listener(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self.found = found

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.found.append(f"{type(error).__name__}: {error}" if error else record.getMessage())


@contextmanager
def _mistakes() -> Iterator[list[str]]:
    """Yield a list that gets the Python errors of the simulator's programs, which its loop reports."""
    found: list[str] = []
    logger, listener = logging.getLogger("asyncio"), _Listener(found)
    logger.addHandler(listener)
    before, logger.propagate = logger.propagate, False
    try:
        yield found
    finally:
        logger.propagate = before
        logger.removeHandler(listener)
