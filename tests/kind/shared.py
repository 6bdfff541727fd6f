"""The one cluster for all tests of a run: made at the first use, deleted at the end of the run."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from lab.catalog import CATALOG
from lab.cluster.kind.cluster import KindCluster
from lab.core.load import load
from lab.core.session import Mode, Session, State
from lab.lab import Lab
from lab.places import hints_folder, scenarios_folder
from lab.progress import Silent
from lab.store import Store, now

__all__ = ["NAME", "home_of", "shared_cluster", "shared_lab", "taken_back"]

#: Parallel runs have a cluster each; the number of a killed run identifies it.
NAME = f"kluster-e2e-{os.getpid()}"

_HOMES = Path(tempfile.gettempdir())
_PREFIX = "kluster-e2e-home-"

_CLUSTER = pytest.StashKey[KindCluster]()
_LAB = pytest.StashKey[Lab]()
_HOME = pytest.StashKey[Path]()


def shared_cluster(config: pytest.Config) -> KindCluster:
    """Return this run's cluster; its home folder is not the user's."""
    if _CLUSTER not in config.stash:
        _clear_after_killed_runs()
        cluster = KindCluster(NAME, home_of(config) / "labs" / NAME)
        with _environ(HOME=str(home_of(config)), KUBECONFIG=str(home_of(config) / "other-kubeconfig")):
            cluster.create(Silent())
        config.stash[_CLUSTER] = cluster
        config.add_cleanup(_deleted(cluster))
    return config.stash[_CLUSTER]


def shared_lab(config: pytest.Config) -> Lab:
    """Return this run's lab, in mode rehearsal, on the shared cluster."""
    if _LAB not in config.stash:
        cluster = shared_cluster(config)
        environ = pytest.MonkeyPatch()
        environ.setenv("KLUSTER_HOME", str(home_of(config)))
        config.add_cleanup(environ.undo)
        loaded = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
        store = Store(NAME)
        session = Session(
            name=NAME, scenario=str(loaded.folder), backend="kind", mode=Mode.REHEARSAL, created=now()
        )
        store.save(session)
        made = Lab(store, loaded, cluster)
        made.furnish(Silent())
        config.stash[_LAB] = made
    return config.stash[_LAB]


def taken_back(lab: Lab) -> Lab:
    """Return `lab` healthy: revert the changes that a test left."""
    if lab.session.state is not State.HEALTHY:
        lab.reset(Silent())
    return lab


def home_of(config: pytest.Config) -> Path:
    """Return this run's home folder, with kubeconfigs that must not change."""
    if _HOME not in config.stash:
        home = _HOMES / f"{_PREFIX}{os.getpid()}"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        config.add_cleanup(partial(shutil.rmtree, home, ignore_errors=True))
        for kubeconfig in (home / ".kube" / "config", home / "other-kubeconfig"):
            kubeconfig.parent.mkdir(exist_ok=True)
            kubeconfig.write_text("apiVersion: v1\nkind: Config\n# mine\n", encoding="utf-8")
            os.utime(kubeconfig, (1_000_000_000, 1_000_000_000))
        config.stash[_HOME] = home
    return config.stash[_HOME]


def _clear_after_killed_runs() -> None:
    """Delete the clusters of killed runs: their homes are named after their process numbers."""
    for home in _HOMES.glob(f"{_PREFIX}*"):
        pid = home.name.removeprefix(_PREFIX)
        if not Path("/proc", pid).exists():
            name = f"kluster-e2e-{pid}"
            _deleted(KindCluster(name, home / "labs" / name))()
            shutil.rmtree(home, ignore_errors=True)


def _deleted(cluster: KindCluster) -> Callable[[], None]:
    def delete() -> None:
        cluster.delete()
        cluster.engine.close()

    return delete


@contextmanager
def _environ(**changes: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
