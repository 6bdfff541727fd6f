"""A bundle that is not as it was made is named as what it is, before anything of it is written anywhere."""

import io
import json
import random
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.bundle import check
from lab.bundle.check import MANIFEST, PROGRAM, SIGNATURE, SUMS, Problem, authenticated, examined, spoken
from lab.bundle.install import require_fit, require_fresh
from lab.bundle.make import Made
from lab.bundle.pack import sums
from lab.signing import key_at, public_pem
from tests.bundle.conftest import NOW, files_of, rewritten


def refused(path: Path) -> Problem:
    with pytest.raises(Problem) as found:
        examined(path)
    return found.value


def listed_anew(files: dict[str, bytes], key: Ed25519PrivateKey | None = None) -> dict[str, bytes]:
    """Return the files with a list of their sums as they are now, signed again if there is a key."""
    rest = {name: data for name, data in files.items() if name not in {SUMS, SIGNATURE, check.KEY}}
    text = sums(rest)
    signed = {SIGNATURE: key.sign(text), check.KEY: public_pem(key)} if key else {}
    return {**files, SUMS: text, **signed}


def test_a_bundle_as_it_was_made_is_accepted(bundle: Made) -> None:
    found = examined(bundle.path)
    assert found.verified_with == "cryptography"
    assert (found.sha256, found.fingerprint) == (bundle.sha256, bundle.fingerprint)
    assert authenticated(found, spoken(bundle.sha256).upper(), "") == "its sum is the sender's"
    assert "signed it" in authenticated(found, "", bundle.fingerprint)
    assert not authenticated(found, "", "")
    require_fresh(found, NOW + timedelta(days=179), bundle.manifest["kluster"])
    require_fit(found, "linux-amd64", "3.12")


def test_it_is_named_as_truncated_wherever_it_is_cut(bundle: Made, tmp_path: Path) -> None:
    whole = bundle.path.read_bytes()
    with tarfile.open(bundle.path) as archive:
        edges = [at for member in archive for at in (member.offset, member.offset_data)]
        end = archive.offset
    cuts = {0, 1, 100, end, end + 512, *edges, *(at + 7 for at in edges), *(at - 1 for at in edges if at)}
    cut = tmp_path / "k.tar"
    for at in sorted(cuts):
        cut.write_bytes(whole[:at])
        assert refused(cut).kind == "truncated", at


def test_each_changed_byte_of_a_file_or_of_a_header_is_found(bundle: Made, tmp_path: Path) -> None:
    whole = bundle.path.read_bytes()
    chance = random.Random(5)  # noqa: S311 -- a test's
    with tarfile.open(bundle.path) as archive:
        places = [
            at
            for member in archive
            for at in (
                member.offset + chance.randrange(100),
                member.offset + 124 + chance.randrange(30),
                member.offset_data + chance.randrange(member.size),
            )
        ]
    changed = tmp_path / "k.tar"
    for at in places:
        data = bytearray(whole)
        data[at] ^= 1 << chance.randrange(8)
        changed.write_bytes(data)
        assert refused(changed).kind in {"damaged", "swapped", "truncated", "hostile"}, at


def test_what_is_not_a_bundle_is_refused(tmp_path: Path) -> None:
    for text in (b"", b"hello", b"x" * 5000, b"\0" * 10240):
        (tmp_path / "k.tar").write_bytes(text)
        assert refused(tmp_path / "k.tar").kind in {"damaged", "truncated"}
    assert "No such file" in refused(tmp_path / "none.tar").title
    assert refused(tmp_path).kind == "usage"


def test_a_replaced_wheel_is_named(bundle: Made, tmp_path: Path) -> None:
    files = files_of(bundle.path)
    name = next(name for name in files if name.startswith("wheels/tiny"))
    files[name] = b"something else"
    found = refused(rewritten(tmp_path / "a.tar", files))
    assert found.kind == "damaged"
    assert name in found.title
    # With its sum in the list, the signature no longer fits.
    found = refused(rewritten(tmp_path / "b.tar", listed_anew(files)))
    assert found.kind == "swapped"
    assert "signature" in found.title


def test_an_exchanged_key_is_found_by_what_the_sender_reads_out(bundle: Made, tmp_path: Path) -> None:
    files = {**files_of(bundle.path), "wheels/more-1.0-py3-none-any.whl": b"bad"}
    forged = rewritten(tmp_path / "k.tar", listed_anew(files, key_at(tmp_path / "forger.key")))
    # Within itself it is whole. Only the sender's words tell it apart.
    found = examined(forged)
    assert found.verified_with
    for said in ({"sha256": bundle.sha256, "key": ""}, {"sha256": "", "key": bundle.fingerprint}):
        with pytest.raises(Problem, match=r"sum begins with|Another key") as problem:
            authenticated(found, **said)
        assert problem.value.kind == "swapped"


def test_added_and_missing_files_are_named(bundle: Made, tmp_path: Path) -> None:
    files = files_of(bundle.path)
    added = refused(rewritten(tmp_path / "a.tar", {**files, "wheels/more-1.0-py3-none-any.whl": b"bad"}))
    assert (added.kind, "more-1.0" in added.title) == ("swapped", True)
    for name in files:
        missing = refused(
            rewritten(tmp_path / f"{Path(name).name}.tar", {k: v for k, v in files.items() if k != name})
        )
        assert (missing.kind, name in missing.title) == ("truncated", True)


def test_a_list_of_another_bundle_is_refused(bundle: Made, tmp_path: Path) -> None:
    files = files_of(bundle.path)
    other = listed_anew({**files, MANIFEST: b"{}"}, key_at(bundle.path.with_name("bundle.key")))
    swapped = {**files, SUMS: other[SUMS], SIGNATURE: other[SIGNATURE]}
    assert refused(rewritten(tmp_path / "k.tar", swapped)).kind == "damaged"


HOSTILE: dict[str, dict[str, str | bytes]] = {
    "a path upwards": {"name": "../evil.whl"},
    "a path within": {"name": "wheels/../../evil.whl"},
    "an absolute path": {"name": "/tmp/evil.whl"},  # noqa: S108 -- nothing is written there
    "a path of Windows": {"name": "wheels\\..\\evil.whl"},
    "a drive of Windows": {"name": "C:evil.whl"},
    "a deep path": {"name": "wheels/a/b.whl"},
    "a hidden file": {"name": "wheels/.pth.whl"},
    "another kind of file": {"name": "wheels/evil.pth"},
    "a line end": {"name": "wheels/a\nb.whl"},
    "a symbolic link": {"name": "wheels/a.whl", "type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
    "a hard link": {"name": "wheels/a.whl", "type": tarfile.LNKTYPE, "linkname": PROGRAM},
    "a folder": {"name": "wheels", "type": tarfile.DIRTYPE},
    "a device": {"name": "wheels/a.whl", "type": tarfile.CHRTYPE},
    "a pipe": {"name": "wheels/a.whl", "type": tarfile.FIFOTYPE},
    "a name twice": {"name": PROGRAM},
    "a name twice in other letters": {"name": PROGRAM.upper()},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_member_is_refused_and_nothing_is_written(what: str, bundle: Made, tmp_path: Path) -> None:
    path = tmp_path / "k.tar"
    path.write_bytes(bundle.path.read_bytes())
    member = tarfile.TarInfo()
    for name, value in HOSTILE[what].items():
        setattr(member, name, value)
    with tarfile.open(path, "a") as archive:
        archive.addfile(member, io.BytesIO())
    assert refused(path).kind == "hostile"
    assert [each.name for each in tmp_path.iterdir()] == ["k.tar"]


def test_damage_of_any_kind_is_a_sentence(bundle: Made, tmp_path: Path) -> None:
    """Bytes and blocks are changed, repeated, and left out: no other error than a problem, and never accepted."""
    whole = bundle.path.read_bytes()
    chance = random.Random(7)  # noqa: S311 -- a test's
    path = tmp_path / "k.tar"
    for _ in range(300):
        data = bytearray(whole)
        at, length = chance.randrange(len(data) - 2048), chance.randrange(1, 2048)
        piece = data[at : at + length]
        data[at : at + length] = chance.choice((b"", piece * 2, chance.randbytes(length)))
        path.write_bytes(data)
        try:
            found = examined(path)
        except Problem:
            continue
        # The change was in the filling between two files.
        assert found.sums == examined(bundle.path).sums


def stale(found: check.Bundle, **asked: object) -> str:
    with pytest.raises(Problem) as problem:
        require_fresh(found, **{"now": NOW, **asked})  # type: ignore[arg-type]  # the test's own
    assert problem.value.kind == "stale"
    return problem.value.title


def test_a_stale_bundle_is_named(bundle: Made, tmp_path: Path) -> None:
    found = examined(bundle.path)
    assert "was made on 2026-11-30 and expired on 2027-05-29" in stale(found, now=NOW + timedelta(days=180))
    assert "not 9.9" in stale(found, version="9.9")
    key = key_at(bundle.path.with_name("bundle.key"))
    old = {**found.manifest, "kluster": "0.0.1"}
    files = listed_anew({**files_of(bundle.path), MANIFEST: json.dumps(old).encode()}, key)
    assert "not the wheel of kluster 0.0.1" in stale(examined(rewritten(tmp_path / "a.tar", files)))
    files = listed_anew({**files, MANIFEST: json.dumps({**old, "schema": 99}).encode()}, key)
    assert refused(rewritten(tmp_path / "b.tar", files)).kind == "stale"


@pytest.mark.parametrize(
    "change",
    [
        {"made": "yesterday"},
        {"expires": "2027-01-01T00:00:00"},
        {"kluster": 5},
        {"targets": []},
        {"targets": {"linux-amd64": {"3.12": [1]}}},
        {"images": {}},
        {"kluster": "\x1b[2J"},
    ],
)
def test_an_impossible_manifest_is_refused(change: dict[str, object], bundle: Made, tmp_path: Path) -> None:
    told = json.dumps({**bundle.manifest, **change}).encode()
    files = listed_anew({**files_of(bundle.path), MANIFEST: told}, key_at(tmp_path / "key"))
    assert refused(rewritten(tmp_path / "k.tar", files)).kind == "damaged"


def test_a_machine_that_it_is_not_for_is_named(bundle: Made) -> None:
    found = examined(bundle.path)
    for target, python, said in (
        (
            "windows-amd64",
            "3.12",
            "The bundle is for linux-amd64, musl-arm64, linux-arm64. This machine is windows-amd64",
        ),
        ("linux-amd64", "3.14", "for Python 3.11, 3.12, 3.13. This is Python 3.14"),
        ("musl-arm64", "3.12", "It lacks: picky 2.0"),
    ):
        with pytest.raises(Problem, match=said) as problem:
            require_fit(found, target, python)
        assert problem.value.kind == "machine"


def test_openssl_verifies_where_cryptography_is_missing(
    bundle: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_by_library", lambda *_: None)
    found = examined(bundle.path)
    if not found.verified_with:
        pytest.skip("there is no OpenSSL 3 here")
    assert found.verified_with.startswith("OpenSSL 3")
    assert authenticated(found, "", bundle.fingerprint)
    forged = {**files_of(bundle.path), SIGNATURE: b"\1" * 64}
    assert refused(rewritten(tmp_path / "k.tar", forged)).kind == "swapped"


def test_without_a_verifier_only_the_sum_of_the_file_counts(bundle: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_by_library", lambda *_: None)
    monkeypatch.setattr(check, "_by_openssl", lambda *_: None)
    found = examined(bundle.path)
    assert found.verified_with is None
    assert authenticated(found, bundle.sha256, "")
    with pytest.raises(Problem, match="Nothing on this machine can verify") as problem:
        authenticated(found, "", bundle.fingerprint)
    assert problem.value.kind == "machine"


def test_a_sum_must_be_long_enough(bundle: Made) -> None:
    for said in ("3f2a", "x" * 32, bundle.sha256[:31]):
        with pytest.raises(Problem, match="at least 32"):
            authenticated(examined(bundle.path), said, "")
