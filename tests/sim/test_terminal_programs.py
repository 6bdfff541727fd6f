"""Programs that read a trainee's terminal, or take all of it."""

import re
import time
from collections.abc import Iterator

import pytest

from lab.cluster.base import Shell
from lab.cluster.sim.process.cluster import SimCluster
from lab.progress import Silent
from lab.tui.terminal.emulator import Emulator
from lab.tui.terminal.marks import CommandEnded, FolderChanged, Mark, Marks

PATIENCE = 120
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"


class Player:
    """Types at a shell; sees its screen and its marks."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.marks = Marks()
        self.seen: list[Mark] = []
        self.text = b""

    def type(self, keys: str) -> None:
        """Send keys."""
        self.text = b""
        self.marks.typed(keys.encode())
        self.shell.write(keys.encode())

    def until(self, pattern: str) -> bytes:
        """Return the output since the last keys, once `pattern` is in it."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern.encode(), self.text):
            assert time.monotonic() < deadline, f"no {pattern!r} in {self.text!r}"
            data = self.shell.read(0.5) or b""
            self.seen += self.marks.feed(data)
            self.text += data
        return self.text

    def ended(self) -> CommandEnded:
        """Return the next command that ends."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for index, mark in enumerate(self.seen):
                if isinstance(mark, CommandEnded):
                    del self.seen[: index + 1]
                    return mark
            assert time.monotonic() < deadline, f"nothing ended: {self.text!r}"
            data = self.shell.read(0.5) or b""
            self.seen += self.marks.feed(data)
            self.text += data


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimCluster]:
    """A cluster in real time."""
    cluster = SimCluster("k5", tmp_path_factory.mktemp("sim"))
    cluster.create(Silent())
    yield cluster
    cluster.delete()


@pytest.fixture
def player(real: SimCluster) -> Iterator[Player]:
    shell = real.control_plane.shell(24, 80)
    player = Player(shell)
    player.until("#")
    yield player
    shell.close()


def test_kubectl_reads_objects_that_are_typed(player: Player) -> None:
    player.type("kubectl apply -f -\r")
    player.type("apiVersion: v1\rkind: Namespace\rmetadata: {name: typed}\r\x04")
    player.until("namespace/typed created")
    assert player.ended().exit_code == 0


def test_a_shell_in_a_pod(player: Player) -> None:
    player.type(f"kubectl run -it --rm t --image={AGNHOST} --command -- sh\r")
    player.until(r"/ \$")
    player.type("hostname\r")
    player.until(r"[\r\n]t\r\n")
    player.type("exit 4\r")
    player.until('pod "t" deleted')
    assert player.ended().text == "hostname"
    assert (player.ended().exit_code, player.marks.running) == (4, None)


def test_a_shell_in_a_container_of_another_node_is_not_there(player: Player) -> None:
    player.type("kubectl -n kube-system exec -it deploy/coredns -- sh\r")
    assert player.ended().exit_code != 0


def test_lines_on_stdin_of_a_container(player: Player) -> None:
    player.type(f"kubectl run two --image={AGNHOST}; kubectl wait --for=condition=Ready pod/two\r")
    player.until("condition met")
    player.ended()
    player.type("echo in | kubectl exec -i two -- cat\r")
    player.until(r"[\r\n]in\r\n")
    player.ended()
    player.type("kubectl exec -i two -- cat\r")
    player.type("typed\r")
    player.until(r"typed\r\ntyped\r\n")
    player.type("\x04")
    assert player.ended().exit_code == 0
    player.type("kubectl exec -it two -- sh -c 'read x; echo got $x'\r")
    player.type("it\r")
    player.until(r"[\r\n]got it\r\n")


def test_ls_lists_in_columns_at_a_terminal_alone(player: Player) -> None:
    player.type("mkdir /tmp/ls; touch /tmp/ls/one /tmp/ls/two; ls /tmp/ls\r")
    player.until(r"[\r\n]one  two\r\n")
    player.ended()
    player.type("ls /tmp/ls | cat; ls -1 /tmp/ls\r")
    player.until(r"one\r\ntwo\r\none\r\ntwo\r\n")


def test_enter_runs_the_match_of_the_history(player: Player) -> None:
    for line in ("echo found", "true"):
        player.type(f"{line}\r")
        assert player.ended().text == line
    player.type("\x12fou")
    player.until("reverse-i-search|I-search|i-search")
    player.type("\r")
    assert player.ended().text == "echo found"


def test_a_long_match_of_the_history_goes_on_in_the_next_row(real: SimCluster) -> None:
    player, screen = Player(real.control_plane.shell(24, 60)), Emulator(24, 60)
    try:
        player.until("#")
        line = f": {'beginning-' * 6}{'end-' * 10}"
        player.type(f"{line}\r")
        player.ended()
        player.type("\x12begin")
        while (
            line not in "".join(screen.line(row).text.ljust(60) for row in range(24)).split("search)`begin': ")[-1]
        ):
            player.text = b""
            screen.feed(player.until("."))
    finally:
        player.shell.close()


def test_colours_come_at_a_terminal_that_has_them(player: Player) -> None:
    player.type("mkdir -p /tmp/c/d; cd /tmp/c; echo word > f; export TERM=xterm-256color\r")
    player.ended()
    player.type("ls --color; grep --color=auto or f\r")
    player.until(re.escape("\x1b[0m\x1b[01;34md\x1b[0m  f\r\nw\x1b[01;31m\x1b[Kor\x1b[m\x1b[Kd\r\n"))
    player.ended()
    player.type("ls --color=auto | cat; TERM=dumb grep --color or f; cd\r")
    player.until(r"\rd\r\nf\r\nword\r\n")


def test_less_shows_a_pipe_page_by_page(player: Player) -> None:
    player.type("seq 100 | less\r")
    player.until("20")
    player.type("G")
    player.until("END")
    player.type("q")
    assert player.ended().exit_code == 0
    assert b"\x1b[?1049l" in player.text


def test_less_scrolls_by_lines_half_pages_pages_and_to_matches(player: Player) -> None:
    screen = Emulator(24, 80)

    def until_it_shows(first: int, last: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while (shown := [screen.line(row).text.strip() for row in range(23)]) != [
            str(number) for number in range(first, last + 1)
        ]:
            assert time.monotonic() < deadline, shown
            screen.feed(player.shell.read(0.5) or b"")

    player.type("seq 200 | less\r")
    until_it_shows(1, 23)
    for keys, first in (("j", 2), (" ", 25), ("k", 24), ("/150\r", 150), ("u", 139), ("G", 178), ("g", 1)):
        player.type(keys)
        until_it_shows(first, first + 22)
    player.type("q")
    player.until(r"\[\?1049l")


def test_watch_repeats_until_it_is_interrupted(player: Player) -> None:
    player.type("watch -n 0.2 'date +%N'\r")
    first = player.until("Every 0.2s: date")
    assert b"\x1b[?1049h" in first
    player.text = b""
    player.until("Every")
    player.type("\x03")
    assert player.ended().exit_code == 130
    player.until(r"1049l")


def test_an_editor_opens_from_within_a_line(player: Player, real: SimCluster) -> None:
    player.type("f=/root/notes; vi $f && cat $f\r")
    player.until(r"1049h")
    player.type("iwords\x1b")
    player.until("words")
    player.type(":wq\r")
    player.until(r"1049l(?s:.)*words\r\n")
    assert real.control_plane.read_file("/root/notes") == "words\n"


def test_an_editor_of_ones_own_edits_an_object(player: Player) -> None:
    player.type("KUBE_EDITOR='sed -i s/one/two/' kubectl edit -n default cm/x\r")
    player.until("NotFound")
    player.ended()
    player.type("kubectl create cm x --from-literal=a=one; KUBE_EDITOR='sed -i s/one/two/' kubectl edit cm/x\r")
    player.until("configmap/x edited")
    player.ended()
    player.type("kubectl get cm x -o jsonpath='{.data}'\r")
    player.until('"a":"two"')


def test_nothing_edited_is_nothing_changed(player: Player) -> None:
    player.type("kubectl edit -n kube-system cm/coredns\r")
    player.until("Corefile")
    player.type(":q\r")
    player.until("Edit cancelled, no changes made.")


def test_ctrl_c_ends_a_silent_curl_and_tells_so(player: Player) -> None:
    player.type("curl http://10.1.2.3\r")
    player.until("C;shell")
    player.type("\x03")
    ended = player.ended()
    assert (ended.exit_code, ended.cut_off) == (130, True)


def test_the_folder_is_reported(player: Player) -> None:
    player.type("mkdir -p '/root/a b'; cd '/root/a b'\r")
    player.ended()
    player.until("7;file")
    assert FolderChanged("/root/a b") in player.seen


def test_what_a_shell_inside_sets_stays_inside(player: Player) -> None:
    player.type("bash\r")
    player.until("#")
    player.type("x=1; false\r")
    assert player.ended().exit_code == 1
    player.type("exit\r")
    ended = player.ended()
    assert (ended.text, ended.exit_code, ended.printed_anything) == ("bash", 1, True)
    player.type("echo [$x]\r")
    player.until(r"[\r\n]\[\]\r\n")


def test_exit_in_the_middle_of_a_line_leaves(real: SimCluster) -> None:
    player = Player(real.control_plane.shell(24, 80))
    player.until("#")
    player.type("if true; then exit 3; fi; echo never\r")
    deadline = time.monotonic() + PATIENCE
    while player.shell.read(0.2) != b"":
        assert time.monotonic() < deadline


def test_a_password_is_not_shown(player: Player) -> None:
    player.type("read -s -p 'Word: ' w; echo \"[$w]\"\r")
    player.until("[\r\n]Word: ")
    player.type("hidden\r")
    player.until(r"\[hidden\]")
    assert player.text.count(b"hidden") == 1
