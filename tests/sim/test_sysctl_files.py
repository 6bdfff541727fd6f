"""Files of kernel settings, and the values that a kernel takes: as a kind node answered."""

import pytest

from tests.sim.driving import Driver

FILE = "/etc/sysctl.d/50-q.conf"
ASKED = "sysctl net.ipv4.ip_forward net.ipv4.conf.default.forwarding net.ipv4.conf.eth0.forwarding vm.swappiness"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("vm.swappiness = x", 'sysctl: setting key "vm.swappiness": Invalid argument'),
        ("vm.swappiness = -1", 'sysctl: setting key "vm.swappiness": Invalid argument'),
        ("net.ipv4.ip_forward=", 'sysctl: setting key "net.ipv4.ip_forward": Invalid argument'),
        (
            "net/bridge/bridge-nf-call-iptables=1;",
            'sysctl: setting key "net.bridge.bridge-nf-call-iptables": Invalid argument',
        ),
        ("net.ipv4.tcp_syncookies", f"sysctl: {FILE}(1): invalid syntax, continuing..."),
        ("nosuch: 1", f"sysctl: {FILE}(1): invalid syntax, continuing..."),
    ],
)
def test_a_wrong_line_is_reported_and_sets_nothing(driver: Driver, line: str, told: str) -> None:
    before = driver.out(ASKED)
    result = driver.run(f"echo '{line}' >{FILE}; sysctl -p {FILE}")
    assert (result.stdout, result.stderr) == ("", f"{told}\n")
    assert driver.out(ASKED) == before


def test_a_kernel_ignores_what_follows_a_number(driver: Driver) -> None:
    driver.out("sysctl -w net.ipv4.ip_forward=0")
    assert (
        driver.out(f"echo 'net.ipv4.ip_forward=1 # on' >{FILE}; sysctl -p {FILE}")
        == "net.ipv4.ip_forward = 1 # on\n"
    )
    assert driver.out("sysctl -n net.ipv4.ip_forward") == "1\n"


def test_forwarding_is_that_of_every_interface(driver: Driver) -> None:
    driver.out("sysctl -w net.ipv4.ip_forward=0")
    assert driver.out(ASKED).splitlines()[:3] == [
        "net.ipv4.ip_forward = 0",
        "net.ipv4.conf.default.forwarding = 0",
        "net.ipv4.conf.eth0.forwarding = 0",
    ]


def test_a_service_applies_the_files(driver: Driver) -> None:
    script = (
        f"echo 'vm.swappiness = 1' >{FILE}; systemctl restart systemd-sysctl; systemctl is-active systemd-sysctl"
    )
    assert driver.out(f"{script}; sysctl -n vm.swappiness") == "active\n1\n"
