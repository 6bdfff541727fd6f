"""Editors at a trainee's terminal: sizes, names, the environment, and `kubectl edit`."""

import time
from collections.abc import Callable, Iterator

import pytest

from lab.cluster.sim.process.cluster import SimCluster
from lab.progress import Silent
from lab.tui.terminal.emulator import Emulator
from tests.sim.test_terminal_programs import PATIENCE, Player

MANIFEST = "/etc/kubernetes/manifests/kube-scheduler.yaml"


class Screen:
    """A player's terminal as it looks."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.emulator = Emulator(24, 80)
        self.rows = 24

    def type(self, keys: str) -> None:
        self.player.type(keys)

    def resize(self, rows: int, cols: int) -> None:
        self.rows = rows
        self.emulator.resize(rows, cols)
        self.player.shell.resize(rows, cols)

    @property
    def text(self) -> list[str]:
        return [self.emulator.line(row).text.rstrip() for row in range(self.rows)]

    def until(self, wanted: Callable[[list[str]], bool]) -> list[str]:
        """Return the rows once they are as `wanted`."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(self.text):
            assert time.monotonic() < deadline, "\n".join(self.text)
            data = self.player.shell.read(0.5) or b""
            self.player.seen += self.player.marks.feed(data)
            self.emulator.feed(data)
        return self.text

    def until_last(self, wanted: str) -> list[str]:
        return self.until(lambda rows: wanted in rows[-1])


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimCluster]:
    cluster = SimCluster("k5", tmp_path_factory.mktemp("sim"))
    cluster.create(Silent())
    yield cluster
    cluster.delete()


@pytest.fixture
def screen(real: SimCluster) -> Iterator[Screen]:
    shell = real.control_plane.shell(24, 80)
    player = Player(shell)
    player.until("#")
    yield Screen(player)
    shell.close()


def test_a_manifest_is_edited_in_vi_as_on_a_node(screen: Screen, real: SimCluster) -> None:
    screen.type(f"vi {MANIFEST}\r")
    screen.until_last("lines, ")
    screen.type("/leader-elect\r")
    screen.until_last("/leader-elect")
    screen.type("yyp:s/leader-elect=true/v=3/\r")
    screen.until(lambda rows: "    - --v=3" in rows)
    screen.type(":wq\r")
    screen.player.ended()
    assert "    - --leader-elect=true\n    - --v=3\n" in real.control_plane.read_file(MANIFEST)


def test_the_screen_fits_another_size_at_once(screen: Screen) -> None:
    screen.type(f"vi {MANIFEST}\r")
    screen.until_last("lines, ")
    screen.resize(10, 60)
    screen.until(lambda rows: rows[0] == "apiVersion: v1" and rows[8] == "spec:")
    screen.type(":q\r")
    screen.player.ended()


def test_arrows_move_in_normal_mode_and_end_insert_mode(screen: Screen, real: SimCluster) -> None:
    """On a node, `vi` has Vi's defaults: keys that begin with an escape end insert mode."""
    real.control_plane.write_file("/root/f", "one\ntwo\n")
    screen.type("vi f\r")
    screen.until_last("2 lines")
    for key in ("\x1bOB", "x", "i", "\x1bOA", "\x1b", ":wq\r"):
        screen.type(key)
    screen.player.ended()
    assert real.control_plane.read_file("/root/f") == "one\nA\nwo\n"


def test_settings_of_a_vimrc(screen: Screen, real: SimCluster) -> None:
    real.control_plane.write_file("/root/settings", "set nu ts=2 sw=2 et\nsyntax on\n")
    real.control_plane.write_file("/root/f", "one\n")
    screen.type("cp settings .vimrc; vi f; rm .vimrc\r")
    screen.until(lambda rows: any("E319" in row for row in rows) and "Press ENTER" in rows[-1])
    screen.type("\r")
    screen.until(lambda rows: rows[0] == "      1 one")
    screen.type("o\tx\x1b:wq\r")
    screen.player.ended()
    assert real.control_plane.read_file("/root/f") == "one\n  x\n"


def test_a_filter_and_a_command_run_on_the_node(screen: Screen, real: SimCluster) -> None:
    real.control_plane.write_file("/root/f", "b\na\n")
    screen.type("vi f\r")
    screen.until_last("2 lines")
    screen.type(":%!sort\r")
    screen.until(lambda rows: rows[:2] == ["a", "b"])
    screen.type(":r !hostname\r")
    screen.until(lambda rows: rows[1] == "k5-control-plane")
    screen.type(":!echo $((6*7))\r")
    screen.until(lambda rows: "42" in rows)
    screen.type("\r:q!\r")
    screen.player.ended()


def test_view_does_not_write(screen: Screen, real: SimCluster) -> None:
    real.control_plane.write_file("/root/f", "one\n")
    screen.type("view f\r")
    screen.until_last("[readonly]")
    screen.type(":w\r")
    screen.until_last("E45: 'readonly' option is set")
    screen.type(":q\r")
    screen.player.ended()


@pytest.mark.parametrize("name", ["vim", "emacs"])
def test_editors_that_a_node_has_not(screen: Screen, name: str) -> None:
    screen.type(f"{name} f\r")
    assert screen.player.ended().exit_code == 127


def test_kubectl_edit_takes_the_editor_of_the_environment(screen: Screen) -> None:
    screen.type("KUBE_EDITOR=nano kubectl edit -n kube-system cm/coredns\r")
    screen.until(lambda rows: "GNU nano 7.2" in rows[0])
    screen.type("\x18")
    screen.player.ended()
    screen.type("unset EDITOR; kubectl edit -n kube-system cm/coredns\r")
    screen.until_last("lines, ")
    screen.type(":q\r")
    screen.player.ended()
    screen.type("EDITOR=emacs kubectl edit -n kube-system cm/coredns\r")
    screen.until(lambda rows: 'error: unable to launch the editor "emacs"' in rows)
    screen.type("KUBE_EDITOR=false kubectl edit -n kube-system cm/coredns\r")
    screen.until(lambda rows: 'error: there was a problem with the editor "false"' in rows)


def test_kubectl_edit_reopens_with_the_error(screen: Screen) -> None:
    screen.type("kubectl create deploy d --image=nginx; kubectl edit deploy d\r")
    screen.until_last("lines, ")
    screen.type(":%s/replicas: 1/replicas: -1/\r:wq\r")
    screen.until(lambda rows: '# deployments.apps "d" was not valid:' in rows)
    screen.type(":%s/replicas: -1/replicas: 2/\r:wq\r")
    screen.until(lambda rows: "deployment.apps/d edited" in rows)
    screen.player.ended()
    screen.type("kubectl edit deploy d\r")
    screen.until_last("lines, ")
    screen.type(":%s/replicas: 2/replicas: -1/\r:wq\r")
    screen.until(lambda rows: '# deployments.apps "d" was not valid:' in rows)
    screen.type(":q\r")
    screen.until(lambda rows: "error: Edit cancelled, no valid changes were saved." in rows)
