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
        ("hostname -d", 0, ""),
        ("hostname -s -f", 0, "k5-control-plane"),
        ("ip addr -x help", 255, 'Command "-x" is unknown, try "ip address help".'),
        ("ip -x addr", 255, 'Option "-x" is unknown, try "ip -help".'),
        ("iptables -1 -n -S FORWARD", 2, 'iptables v1.8.9 (nf_tables): unknown option "-1"'),
        ("iptables -n -n -S", 2, "iptables v1.8.9 (nf_tables): multiple -n flags not allowed"),
        ("iptables -P FORWARD", 2, "iptables v1.8.9 (nf_tables): -P requires a chain and a policy"),
        ("systemctl status -o nosuch kubelet", 1, "Unknown output 'nosuch'."),
        ("systemctl show -n x kubelet", 1, "Failed to parse lines 'x'"),
        ("systemctl is-active -- kubelet", 0, "active"),
        (
            "systemctl list-units nosuch | tail -n 1",
            0,
            "To show all installed unit files use 'systemctl list-unit-files'.",
        ),
        ("systemctl list-timers nosuch | grep listed", 0, "0 timers listed."),
        ("curl --all http://127.0.0.1:1", 2, "curl: option --all: is unknown"),
        ("curl -o", 2, "curl: option -o: requires parameter"),
        ("curl -a x://y", 1, 'curl: (1) Protocol "x" not supported or disabled in libcurl'),
        ("grep x /etc/hosts | head -n 1", 0, "ff00::0\tip6-mcastprefix"),
    ],
)
def test_a_program_reads_its_options_as_the_real_one(driver: Driver, line: str, code: int, told: str) -> None:
    result = driver.run(line)
    assert (result.rc, ((result.stderr + result.stdout).lstrip() + "\n").splitlines()[0]) == (code, told)


def test_a_word_behind_the_help_flag_of_crictl_is_a_topic(driver: Driver) -> None:
    assert driver.run("crictl ps -h").ok
    result = driver.run("crictl ps -h x")
    assert (result.rc, result.stderr.partition(" ")[2]) == (1, "level=fatal msg=\"No help topic for 'x'\"\n")
