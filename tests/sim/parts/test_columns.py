"""Columns as coreutils lays them out: the texts are those of Debian's `ls -C -w WIDTH`."""

import pytest

from lab.cluster.sim.commands.node.columns import in_columns


@pytest.mark.parametrize(
    ("names", "width", "text"),
    [
        ("", 80, ""),
        ("a", 80, "a\n"),
        ("a b c d e f g", 10, "a  c  e  g\nb  d  f\n"),
        (
            "bin boot dev etc home kind lib lib64 media mnt opt proc root",
            40,
            "bin   etc   lib    mnt\t root\nboot  home  lib64  opt\ndev   kind  media  proc\n",
        ),
        ("etcd.yaml kube-apiserver.yaml", 30, "etcd.yaml\nkube-apiserver.yaml\n"),
        ("etcd.yaml kube-apiserver.yaml", 31, "etcd.yaml  kube-apiserver.yaml\n"),
    ],
)
def test_as_many_columns_as_fit(names: str, width: int, text: str) -> None:
    assert in_columns(names.split(), width) == text
