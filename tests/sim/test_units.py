"""Services that can't start, and masked units: what a real node (systemd 252) said of them."""

import pytest

from tests.sim.driving import Driver

RESOURCES = "Job for q.service failed because of unavailable resources or another system error.\n"
SEE = 'See "systemctl status q.service" and "journalctl -xeu q.service" for details.\n'
CHANGING, FOLDER = "Changing to the requested working directory failed", "/root: Is a directory"
ABSENT = "No such file or directory"


def failed(code: int, name: str, *said: str) -> list[str]:
    lines = ["Started q.service.", *(f"q.service: {each}" for each in said)]
    how = f"q.service: Main process exited, code=exited, status={code}/{name}"
    return [*lines, how, "q.service: Failed with result 'exit-code'."]


@pytest.mark.parametrize(
    ("unit", "code", "error", "journal"),
    [
        (
            "[Unit]\nConditionPathExists=/nosuch\n[Service]\nExecStart=/bin/true\n",
            0,
            "",
            ["q.service was skipped because of an unmet condition check (ConditionPathExists=/nosuch)."],
        ),
        (
            "[Unit]\nAssertPathExists=/nosuch\n[Service]\nExecStart=/bin/true\n",
            1,
            "Assertion failed on job for q.service.\n",
            ["q.service: Starting requested but asserts failed.", "Assertion failed for q.service."],
        ),
        (
            "[Service]\nExecStart=/root\n",
            0,
            "",
            failed(203, "EXEC", f"Failed to locate executable {FOLDER}", f"Failed at step EXEC spawning {FOLDER}"),
        ),
        ("[Service]\nUser=nosuch\nExecStart=/bin/true\n", 0, "", failed(217, "USER")),
        (
            "[Service]\nWorkingDirectory=/nosuch\nExecStart=/bin/true\n",
            0,
            "",
            failed(200, "CHDIR", f"{CHANGING}: {ABSENT}", f"Failed at step CHDIR spawning /bin/true: {ABSENT}"),
        ),
        ("[Service]\nExecStart=/bin/sh -c 'exit 3'\n", 0, "", failed(3, "NOTIMPLEMENTED")),
        (
            "[Service]\nExecStart=/bin/echo a | cat\n",
            0,
            "",
            ["Started q.service.", "a | cat", "q.service: Deactivated successfully."],
        ),
        (
            "[Service]\nEnvironmentFile=/nosuch\nExecStart=/bin/true\n",
            1,
            RESOURCES + SEE,
            [
                f"q.service: Failed to load environment files: {ABSENT}",
                f"q.service: Failed to run 'start' task: {ABSENT}",
                "q.service: Failed with result 'resources'.",
                "Failed to start q.service.",
            ],
        ),
        (
            "[Unit]\nRequires=nosuch.service\n[Service]\nExecStart=/bin/true\n",
            5,
            "Failed to start q.service: Unit nosuch.service not found.\n",
            [],
        ),
    ],
)  # fmt: skip
def test_what_keeps_a_service_from_starting(
    driver: Driver, unit: str, code: int, error: str, journal: list[str]
) -> None:
    driver.cluster.control_plane.write_file("/etc/systemd/system/q.service", unit)
    result = driver.run("systemctl daemon-reload; systemctl start q")
    driver.run("sleep 2")
    assert (result.rc, result.stderr) == (code, error)
    assert driver.run("journalctl -u q -o cat").stdout.splitlines() == journal


def test_a_failed_service_stays_failed_until_it_is_reset(driver: Driver) -> None:
    driver.cluster.control_plane.write_file("/etc/systemd/system/q.service", "[Service]\nExecStart=/bin/false\n")
    driver.run("systemctl start q; sleep 1; systemctl stop q")
    shown = "systemctl show q -p ActiveState -p Result -p ExecMainStatus"
    assert driver.run(shown).stdout == "Result=exit-code\nExecMainStatus=1\nActiveState=failed\n"
    driver.run("systemctl reset-failed")
    assert driver.run(shown).stdout == "Result=success\nExecMainStatus=0\nActiveState=inactive\n"


def test_try_restart_starts_nothing_and_enable_explains_units_without_installation(driver: Driver) -> None:
    driver.cluster.control_plane.write_file(
        "/etc/systemd/system/q.service", "[Service]\nExecStart=/bin/sleep 100\n"
    )
    assert driver.run("systemctl try-restart q; systemctl is-active q").stdout == "inactive\n"
    told = driver.run("systemctl enable q")
    assert (told.rc, told.stderr.splitlines()[0]) == (
        0,
        "The unit files have no installation config (WantedBy=, RequiredBy=, Also=,",
    )


def test_a_masked_unit_does_not_start(driver: Driver) -> None:
    driver.cluster.control_plane.write_file(
        "/lib/systemd/system/q.service", "[Service]\nExecStart=/bin/sleep 100\n"
    )
    masked = driver.run(
        "systemctl start q; systemctl mask q; echo $?; systemctl is-enabled q; systemctl is-active q"
    )
    assert masked.stdout == "0\nmasked\nactive\n"
    assert masked.stderr == "Created symlink /etc/systemd/system/q.service → /dev/null.\n"
    started = driver.run("systemctl stop q; systemctl start q")
    assert (started.rc, started.stderr) == (1, "Failed to start q.service: Unit q.service is masked.\n")
    assert driver.run("systemctl status q | head -2").stdout == (
        "○ q.service\n     Loaded: masked (Reason: Unit q.service is masked.)\n"
    )
    undone = driver.run("systemctl unmask q; systemctl unmask q; systemctl start q; systemctl is-active q")
    assert (undone.stdout, undone.stderr) == ("active\n", 'Removed "/etc/systemd/system/q.service".\n')
    own = "Failed to mask unit: File /etc/systemd/system/kubelet.service already exists.\n"
    assert driver.run("systemctl mask kubelet").stderr == own


def test_a_settings_file_with_a_line_that_is_no_assignment_fails_the_service_that_applies_it(
    driver: Driver,
) -> None:
    driver.cluster.control_plane.write_file("/etc/sysctl.d/50-q.conf", "net/ipv4/ip_forward 0\nkernel.panic=7\n")
    result = driver.run("systemctl restart systemd-sysctl")
    service = "systemd-sysctl.service"
    assert (result.rc, result.stderr) == (
        1,
        (
            f"Job for {service} failed because the control process exited with error code.\n"
            f'See "systemctl status {service}" and "journalctl -xeu {service}" for details.\n'
        ),
    )
    assert driver.run("sysctl -n kernel.panic").stdout == "7\n"
    driver.run("rm /etc/sysctl.d/50-q.conf; systemctl restart systemd-sysctl")
    assert driver.run("systemctl is-active systemd-sysctl").stdout == "active\n"


def test_lines_of_a_unit_that_are_ignored_are_said_each_time_it_is_loaded(driver: Driver) -> None:
    lines = ("[Unit]", "NoSuch=1", "[Service]", "Type=nosuch", "RestartSec=1x", "Environment=A", "x")
    text = "\n".join([*lines, "ExecStart=/bin/sleep 100", "[install]", "x=y", ""])
    driver.cluster.control_plane.write_file("/etc/systemd/system/q.service", text)
    driver.run("systemctl start q; systemctl is-active q; systemctl show q")
    told = [line for line in driver.run("journalctl -u q -o cat").stdout.splitlines() if line.startswith("/")]
    assert [line.removeprefix("/etc/systemd/system/q.service:") for line in told] == [
        "2: Unknown key 'NoSuch' in section [Unit], ignoring.",
        "4: Failed to parse service type, ignoring: nosuch",
        "5: Failed to parse sec value, ignoring: 1x",
        "6: Invalid environment assignment, ignoring: A",
        "7: Missing '=', ignoring line.",
        "9: Unknown section 'install'. Ignoring.",
    ]
