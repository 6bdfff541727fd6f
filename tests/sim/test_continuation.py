"""Commands of several lines."""

import pytest
from bashkit import Bash

from lab.cluster.sim.login.continuation import wants_more
from lab.cluster.sim.process.cluster import SimCluster
from tests.sim.test_marks import ended


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1 2; do",
        "if true; then echo hi",
        "f() {",
        "echo 'a",
        'echo "a',
        "echo $(ls",
        "echo a \\",
        "echo a &&",
        "echo a |",
        "cat <<E\nfoo",
        "cat > /x <<'END' | wc\nE",
        "cat <<-E <<F\n\tE\nF2",
    ],
)
def test_what_is_not_whole_yet(text: str) -> None:
    assert wants_more(Bash(), text)


@pytest.mark.parametrize(
    "text",
    [
        "echo hi",
        "cat <<E\nfoo 'x\nE",
        "cat <<-E\n\tfoo\n\tE",
        "grep a <<< b",
        "echo 'a; b' \\\\",
        "for i in 1 2; do echo $i; done",
        "echo x; done",
        "echo ) (",
    ],
)
def test_what_is_whole_or_wrong(text: str) -> None:
    assert not wants_more(Bash(), text)


def test_a_here_document_is_typed_line_by_line(fresh: SimCluster) -> None:
    mark = ended(fresh, b"cat > x <<'END'\rfor i in 1 2; do\r  echo \"$i\"\rdone\rEND\r")

    assert mark.exit_code == 0
    assert fresh.control_plane.run(["bash", "/root/x"]).stdout == "1\n2\n"
