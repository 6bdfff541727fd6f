"""Help pages, versions and wrong options of a node's programs, as the real programs of a kind node answered."""

import pytest

from tests.sim.driving import Driver


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("systemctl status --nosuch", 1, "systemctl: unrecognized option '--nosuch'"),
        ("journalctl -%", 1, "journalctl: invalid option -- '%'"),
        ("ls --all=x", 2, "ls: option '--all' doesn't allow an argument"),
        ("ls -w", 2, "ls: option requires an argument -- 'w'"),
        ("sort --key", 2, "sort: option '--key' requires an argument"),
        ("env --nosuch", 125, "env: unrecognized option '--nosuch'"),
        ("free -1", 1, "free: invalid option -- '1'"),
        ("grep --version", 0, "grep (GNU grep) 3.8"),
        ("systemctl list-units --help", 0, "systemctl [OPTIONS...] COMMAND ..."),
        ("pgrep -V x", 0, "pgrep from procps-ng 4.0.2"),
        ("wc --hel nosuch", 0, "Usage: wc [OPTION]... [FILE]..."),
        ("hostname -x", 255, "hostname: invalid option -- 'x'"),
        ("env sort --nosuch", 2, "sort: unrecognized option '--nosuch'"),
        ("cat -- --version", 1, "cat: --version: No such file or directory"),
    ],
)
def test_a_program_reads_its_options_as_the_real_one(driver: Driver, line: str, code: int, told: str) -> None:
    result = driver.run(line)
    assert (result.rc, (result.stderr + result.stdout).lstrip().splitlines()[0]) == (code, told)
