"""The file of a simulated cluster: it is whole, or refused with a remedy, and never removed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import __version__
from lab.cluster.sim.process import snapshot
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.errors import LabError
from lab.progress import Silent


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a cluster."""
    cluster = opened(tmp_path_factory.mktemp("saved"))
    cluster.create(Silent())
    cluster.save()
    content = cluster.home.file.read_bytes()
    cluster.delete()
    return content


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    opened(tmp_path).delete()


def opened(folder: Path) -> SimCluster:
    return SimCluster("k5", folder, clock=Clock(turned=True))


def refused(folder: Path, content: bytes) -> LabError:
    """Return the refusal of a cluster whose file holds `content`; the file stays unchanged."""
    file = folder / "sim.json"
    file.write_bytes(content)
    with pytest.raises(LabError) as error:
        opened(folder).control_plane.run(["true"])
    assert file.read_bytes() == content
    assert [each.name for each in folder.iterdir()] == ["sim.json"]
    return error.value


def changed(content: bytes, **about: object) -> bytes:
    """Return a whole file with other values in its head."""
    data = json.loads(content)
    del data["crc32"]
    body = json.dumps(data | about, separators=(",", ":")).removesuffix("}")
    return f'{body},"crc32":{snapshot.checksum(body)}}}'.encode()


def test_a_whole_file_is_opened(folder: Path, saved: bytes) -> None:
    for content in (saved, changed(saved), changed(saved, kluster="0.0.9")):
        (folder / "sim.json").write_bytes(content)
        cluster = opened(folder)
        assert cluster.control_plane.run(["hostname"]).stdout == "k5-control-plane\n"
        cluster.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content[:1000] + b"\0" * 4096 + content[5096:],
        lambda content: content.replace(b'"attempt":', b'"attempu":', 1).replace(b"RUNNING", b"RUNNIMG", 1),
        lambda content: b"\xff\xfe" + content,
        lambda _: b"[]",
        lambda _: b"{ damaged",
    ],
    ids=["empty", "half", "one byte short", "a hole", "a letter", "not text", "a list", "nothing of ours"],
)
def test_a_damaged_file_is_refused_and_kept(folder: Path, saved: bytes, damage: Callable[[bytes], bytes]) -> None:
    error = refused(folder, damage(saved))
    assert error.title == "The file of the simulated cluster 'k5' is damaged."
    assert str(folder / "sim.json") in error.detail
    assert "kluster delete --name k5" in error.remedy


def test_a_file_with_other_state_in_it_is_damaged(folder: Path, saved: bytes) -> None:
    data = json.loads(saved)
    del data["state"]["nodes"]["k5-worker"]
    error = refused(folder, changed(saved, state=data["state"]))
    assert "is damaged" in error.title


@pytest.mark.parametrize(
    ("about", "who"),
    [
        ({"format": "0123456789ab", "kluster": "9.9.9"}, "kluster 9.9.9"),
        ({"format": "0123456789ab", "kluster": __version__}, f"another build of kluster {__version__}"),
        ({"format": None}, f"another build of kluster {__version__}"),
    ],
)
def test_a_file_of_another_version_is_refused_with_what_to_do(
    folder: Path, saved: bytes, about: dict[str, object], who: str
) -> None:
    error = refused(folder, changed(saved, **about))
    assert (
        error.title == f"The simulated cluster 'k5' was saved by {who}, in a format that this version can't read."
    )
    assert f"This is kluster {__version__}." in error.detail
    assert error.remedy.startswith(f"Use {who} for this lab")
    assert "kluster delete --name k5" in error.remedy


def test_a_file_of_before_there_were_formats_is_one_of_an_older_version(folder: Path) -> None:
    error = refused(folder, b'{"entries":{},"name":"k5","now":1.5,"identity":{},"nodes":{}}')
    assert "was saved by an older kluster" in error.title


def test_a_file_that_cannot_be_read_is_said_to_be_so(
    folder: Path, saved: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sim.json").write_bytes(saved)

    def unreadable(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", unreadable)
    with pytest.raises(LabError, match="can't be read") as error:
        opened(folder).control_plane.run(["true"])
    assert "Permission denied" in error.value.detail


def test_a_write_that_fails_leaves_the_file_as_it_was(folder: Path, saved: bytes) -> None:
    cluster = opened(folder)
    cluster.create(Silent())
    cluster.save()
    before = cluster.home.file.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            cluster.save()
    assert cluster.home.file.read_bytes() == before
    assert sorted(each.name for each in folder.iterdir()) == ["sim.json", "sim.json.lock"]
    assert before.startswith(saved[:20])


def test_a_process_that_is_killed_while_it_writes_loses_that_write_only(folder: Path) -> None:
    """Whatever part of the new file was written: the old one is whole, and the next process continues from it."""
    script = (
        "import os, signal, sys; from pathlib import Path; from tests.sim.test_state_file import opened\n"
        "from lab.progress import Silent; c = opened(Path(sys.argv[1])); c.create(Silent())\n"
        "c.control_plane.write_file('/root/kept', 'kept'); c.save()\n"
        "c.control_plane.write_file('/root/lost', 'lost')\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "c.save()"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(folder)], check=False, timeout=60)
    assert ended.returncode == -9
    assert (folder / "sim.new").is_file()
    cluster = opened(folder)
    assert cluster.control_plane.run(["ls", "/root"]).stdout.split() == ["kept"]
    cluster.close()
    assert not (folder / "sim.new").exists()


def test_a_cluster_whose_file_is_of_another_version_can_be_deleted(folder: Path, saved: bytes) -> None:
    (folder / "sim.json").write_bytes(changed(saved, format="0123456789ab", kluster="9.9.9"))
    cluster = opened(folder)
    cluster.delete()
    assert not cluster.exists()
