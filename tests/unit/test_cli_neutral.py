"""The texts for a trainee of the shipped scenario name no cause, on a cluster that does not answer."""

import pytest

from lab import lab
from lab.baseline import Baseline
from lab.catalog import CATALOG
from lab.core.load import load
from lab.core.session import Mode, Session, State
from lab.places import hints_folder, scenarios_folder
from lab.store import Store, now
from tests.fakes import Kluster, ToyCluster, kluster

__all__ = ["kluster"]

FOLDER = scenarios_folder() / "kluster005"
SHIPPED = load(FOLDER, hints_folder(), CATALOG)


@pytest.fixture(params=[Mode.TRAINING, Mode.EXAM])
def broken(request: pytest.FixtureRequest, kluster: Kluster, monkeypatch: pytest.MonkeyPatch) -> Kluster:
    """Return the command line over a lab of the shipped scenario with all faults."""
    store = Store("kluster005")
    cluster = ToyCluster("kluster005", store.folder)
    session = Session(
        name="kluster005",
        scenario=str(FOLDER),
        backend="sim",
        mode=request.param,
        state=State.BROKEN,
        identity=dict(cluster.identity()),
        created=now(),
    )
    session.begin_attempt([fault.name for fault in SHIPPED.scenario.faults], now(), minutes=90)
    store.save(session)
    store.save_baseline(_baseline(cluster))
    cluster.file.write_text("[]")
    monkeypatch.setattr(lab, "open_cluster", lambda _backend, name, folder, **_: ToyCluster(name, folder))
    return kluster


def _baseline(cluster: ToyCluster) -> Baseline:
    node = {"role": "worker", "sysctls": {}, "files": {}, "tools": {}, "units": [], "images": {}}
    services = {f"shop/{name}": "10.96.0.1" for name in ("web", "db")} | {"stage/probe": "10.96.0.2"}
    return Baseline.model_validate(
        {
            "identity": dict(cluster.identity()),
            "uid": "1",
            "ca": "CA",
            "etcd_revision": 1,
            "etcd_size": 1,
            "nodes": {each.name: node for each in cluster.nodes},
            "workloads": {},
            "uids": {},
            "services": services,
            "namespaces": {},
        }
    )


def secrets() -> set[str]:
    scenario = SHIPPED.scenario
    said = {fault.name for fault in scenario.faults} - {"admission"}
    said |= {check.name for check in scenario.checks} | {
        check.why for check in scenario.checks if check.fault != "end-to-end"
    }
    return said | {"NOSPACE", "ip_forward", "NetworkPolicy", "Pod Security", "restricted", "etcd", "admission"}


@pytest.mark.parametrize(
    "argv",
    [("check",), ("check", "--json"), ("status",), ("status", "--json"), ("hint",), ("-v", "check"), ("list",)],
)
def test_it_names_no_cause(broken: Kluster, argv: tuple[str, ...]) -> None:
    ran = broken(*argv)
    text = ran.out + ran.err
    assert ran.code in {0, 1, 4, 6}
    assert [secret for secret in secrets() if secret in text] == []


def test_it_speaks_of_all_symptoms(broken: Kluster) -> None:
    text = broken("status").out
    for fault in SHIPPED.scenario.faults:
        assert fault.symptom.name in text
    if Store("kluster005").load().mode is Mode.EXAM:
        return
    text = broken("check").out
    for fault in SHIPPED.scenario.faults:
        assert fault.symptom.name in text
    for check in SHIPPED.scenario.checks:
        words = check.title.split()
        assert words[0] in text
    assert "unread" in text
    assert "0/0" not in text  # a milestone has no points to show


def test_afterwards_everything_is_shown(broken: Kluster) -> None:
    broken("check")
    with Store("kluster005").update() as session:
        session.state, session.ended = State.GIVEN_UP, now()
    text = broken("check", "--json").out
    for check in SHIPPED.scenario.checks:
        assert f'"name": "{check.name}"' in text
    assert '"right_cause": "quota"' in text
    shown = broken("status", "--debrief").out
    assert shown.strip() == SHIPPED.debrief.strip()
    assert "${" not in shown
