"""Text programs: streaming, waiting, and the library programs' view of a node."""

import pytest

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools import adapter
from lab.cluster.sim.bash.tools.adapter_inputs import reads_stdin, touches_files
from lab.cluster.sim.bash.tools.catalog import TOOLS
from lab.cluster.sim.bash.tools.edit_script import Block, blocks
from tests.sim.bash.corpora import FILES
from tests.sim.bash.rig import run


async def clock(call: Call) -> int:
    """Print the world's time: a program that only the node has."""
    await call.line(str(int(call.now())))
    return 0


def out(script: str) -> str:
    found, err, _ = run(["bash", "-c", script], files=FILES, programs={**TOOLS, "clock": clock})
    assert not err
    return found


def test_awk_runs_the_nodes_own_programs() -> None:
    began = 1_750_000_000
    assert out('awk \'BEGIN { print "a"; system("clock"); print "b" }\'').splitlines()[::2] == ["a", "b"]
    assert int(out("awk 'BEGIN { \"clock\" | getline now; print now }'")) - began in range(60)
    assert int(out("awk 'BEGIN { print systime() }'")) - began in range(60)


def test_chance_is_the_worlds() -> None:
    script = "mktemp; shuf -n3 -i 1-100; awk 'BEGIN { print rand() }'; seq 50 | sort -R | head -3; echo $RANDOM"
    assert out(script) == out(script)


def test_a_follower_prints_additions_while_it_waits() -> None:
    script = "(for i in 1 2 3; do sleep 1; echo $i >> log; done) & touch log; timeout 5 tail -f log | head -2"
    assert out(script) == "1\n2\n"


def test_a_pipe_ends_an_endless_program() -> None:
    assert out("yes | head -1; echo ${PIPESTATUS[@]}") == "y\n141 0\n"
    assert out("(while :; do echo t; sleep 0.1; done) | head -2") == "t\nt\n"


def test_loops_of_text_programs_go_round_as_often_as_they_must() -> None:
    assert out("seq 20000 | sed ':a;N;$!ba;s/\\n/,/g' | wc -l") == "1\n"
    assert out("seq 5000 | tr '\\n' ' ' | sed ':a;s/ /,/;ta' | cksum") == out("seq 5000 | tr '\\n' ',' | cksum")
    assert out("awk 'BEGIN { while (i < 50000) i++; print i }'") == "50000\n"
    assert out("jq -n '0 | until(. > 20000; . + 1)'") == "20001\n"
    assert out("jq -n 'reduce range(20000) as $i (0; . + $i)'") == "199990000\n"


@pytest.mark.parametrize(
    "script", ["awk 'BEGIN { while (1) i++ }'", "jq -n 'def f: . + 1 | f; 0 | f'"], ids=["awk", "jq"]
)
def test_an_endless_loop_of_a_whole_text_program_ends_in_our_own_words(
    monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(adapter, "_BRAKE", 0.1)
    found, err, code = run(["bash", "-c", script], programs=TOOLS)

    assert (found, code) == ("", 1)
    assert err == f"not simulated: so many rounds of a loop in {script[:3].strip()} (use --backend kind)\n"


def test_an_endless_loop_of_sed_can_be_ended() -> None:
    assert out("seq 1 | timeout 5 sed ':a;ba'; echo $?") == "124\n"
    _, err, code = run(["bash", "-c", "echo x | sed ':a;s/.*/&&/;ta'"], programs=TOOLS)
    assert (err, code) == ("sed: memory exhausted\n", 4)


def test_sed_writes_each_line_as_it_comes() -> None:
    script = "(for i in 1 2 3; do sleep 1; echo $i; done) | sed -u s/^/x/ | while read l; do clock; done"
    times = [int(line) for line in out(script).splitlines()]
    assert [time - times[0] for time in times] == [0, 1, 2]


def test_a_lock_is_held_while_its_program_runs() -> None:
    script = "flock l sh -c 'sleep 1; echo first' & sleep 0.2; flock -n l echo no; echo $?; flock l echo second"
    assert out(script) == "1\nfirst\nsecond\n"


@pytest.mark.parametrize(
    ("words", "reads"),
    [
        (["awk", "{print}"], True),
        (["awk", "{print}", "f"], False),
        (["awk", "-F:", "-f", "p"], True),
        (["awk", "-f", "p", "f"], False),
        (["jq", ".a"], True),
        (["jq", "-n", "1"], False),
        (["jq", "--arg", "a", "b", ".", "f"], False),
        (["tar", "cf", "x.tar", "d"], False),
        (["tar", "xz"], True),
        (["mkfifo", "p"], False),
    ],
)
def test_who_reads_stdin_is_known_by_its_words(words: list[str], *, reads: bool) -> None:
    assert reads_stdin(words[0], words[1:]) is reads


def test_a_program_with_no_file_in_its_words_sees_none() -> None:
    assert not touches_files("jq", [".items[]"])
    assert touches_files("jq", [".", "f"])
    assert touches_files("awk", ["{ print > $1 }"])
    assert touches_files("tar", ["tf", "x"])


def test_the_way_from_one_text_to_another_is_the_shortest() -> None:
    found = blocks("abcabba", "cbabac")
    assert sum(each.left_end - each.left_start + each.right_end - each.right_start for each in found) == 5
    assert blocks("same", "same") == []
    assert blocks("", "ab") == [Block(0, 0, 0, 2)]
