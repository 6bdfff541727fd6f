from tests.sim.driving import Driver

SERVICE = "[Service]\\nType=oneshot\\nExecStart=/usr/sbin/sysctl -q -w net.ipv4.ip_forward=0\\n"
TIMER = "[Timer]\\nOnActiveSec=1s\\nOnUnitActiveSec=5s\\nAccuracySec=1s\\n[Install]\\nWantedBy=timers.target\\n"


def test_a_timer_takes_a_setting_back(driver: Driver) -> None:
    driver.out(
        f"printf '{SERVICE}' > /etc/systemd/system/x.service; printf '{TIMER}' > /etc/systemd/system/x.timer; "
        "systemctl daemon-reload; systemctl enable -q --now x.timer; sleep 2"
    )
    assert driver.out("sysctl -n net.ipv4.ip_forward") == "0\n"
    assert driver.out("sysctl -w net.ipv4.ip_forward=1; sleep 7; sysctl -n net.ipv4.ip_forward").endswith("0\n")
    assert "x.timer" in driver.out("systemctl list-timers")
    driver.out("systemctl disable --now x.timer; sysctl -w net.ipv4.ip_forward=1")
    assert driver.out("sleep 20; sysctl -n net.ipv4.ip_forward") == "1\n"


def test_a_file_changes_nothing_until_it_is_applied(driver: Driver) -> None:
    driver.out("echo 'net.ipv4.ip_forward = 0' > /etc/sysctl.d/99-x.conf")
    assert driver.out("cat /proc/sys/net/ipv4/ip_forward") == "1\n"
    assert "net.ipv4.ip_forward = 0" in driver.out("sysctl --system --dry-run")
    assert driver.out("cat /proc/sys/net/ipv4/ip_forward") == "1\n"
    driver.out("sysctl --system")
    assert driver.out("cat /proc/sys/net/ipv4/ip_forward") == "0\n"
    driver.out("echo 1 > /proc/sys/net/ipv4/ip_forward")
    assert driver.out("sysctl net.ipv4.ip_forward") == "net.ipv4.ip_forward = 1\n"


def test_unknown_settings_and_units_are_reported(driver: Driver) -> None:
    assert driver.run("sysctl nosuch.x").stderr == (
        "sysctl: cannot stat /proc/sys/nosuch/x: No such file or directory\n"
    )
    assert driver.run("systemctl start nosuch").rc == 5
    assert driver.run("systemctl status nosuch").rc == 4
    assert driver.run("systemctl is-active kubelet nosuch").stdout == "active\ninactive\n"


def test_a_service_runs_in_the_background_and_is_restarted(driver: Driver) -> None:
    unit = "[Service]\\nExecStart=/usr/local/sbin/worker\\nRestart=always\\nRestartSec=2\\n"
    driver.cluster.control_plane.write_file(
        "/usr/local/sbin/worker", "#!/bin/bash\nwhile sleep 1; do echo x >> /tmp/ticks; done\n", mode=0o755
    )
    driver.out(f"printf '{unit}' > /etc/systemd/system/w.service; systemctl start w; sleep 5.5")
    assert driver.out("wc -l < /tmp/ticks").strip() in {"5", "6"}
    assert driver.out("systemctl is-active w") == "active\n"
    driver.out("systemctl stop w; rm /tmp/ticks; sleep 5")
    assert driver.run("cat /tmp/ticks").rc == 1


def test_the_journal_says_of_a_service_what_systemd_says(driver: Driver) -> None:
    unit = "[Service]\\nExecStart=/bin/sleep 100\\n"
    driver.out(f"printf '{unit}' > /etc/systemd/system/z.service; systemctl start z; systemctl stop z")
    assert driver.out("journalctl -u z -o cat").splitlines() == [
        "Started z.service.",
        "Stopping z.service...",
        "z.service: Deactivated successfully.",
        "Stopped z.service.",
    ]
    kubelet = "kubelet.service - kubelet: The Kubernetes Node Agent"
    driver.out("systemctl restart kubelet")
    assert driver.out("journalctl -u kubelet -o cat | grep -F kubelet.service | tail -5").splitlines() == [
        f"Stopping {kubelet}...",
        "kubelet.service: Deactivated successfully.",
        f"Stopped {kubelet}.",
        f"Starting {kubelet}...",
        f"Started {kubelet}.",
    ]


def test_a_reboot_restores_what_files_say(driver: Driver) -> None:
    driver.out("sysctl -w net.ipv4.ip_forward=0; reboot", 1)
    driver.cluster.advance(30)
    assert driver.out("sysctl -n net.ipv4.ip_forward", 1) == "1\n"
    assert driver.out("kubectl get nodes --no-headers").count(" Ready ") == 2
    assert driver.out("kubectl get pods -n stage --no-headers").count("1/1") == 2


def test_a_stopped_kubelet_is_missed(driver: Driver) -> None:
    driver.out("systemctl stop kubelet", 1)
    driver.cluster.advance(90)
    assert "NotReady" in driver.out("kubectl get node k5-worker --no-headers")
    assert driver.out("crictl ps -q --name probe", 1) != ""
    driver.out("systemctl start kubelet", 1)
    driver.cluster.advance(20)
    assert "NotReady" not in driver.out("kubectl get node k5-worker --no-headers")


def test_missing_features_say_so(driver: Driver) -> None:
    asked = ("kubectl get nodes -o go-template='{{slice .items 1}}'", "crictl completion", "systemctl isolate x")
    for command in (*asked, "curl --proxy x http://y"):
        result = driver.run(command)
        assert result.rc in {1, 2}, command
        assert "not simulated: " in result.stderr, command
        assert "(use --backend kind)" in result.stderr, command


def test_the_node_says_who_it_is_and_what_runs(driver: Driver) -> None:
    assert driver.out("hostnamectl hostname") == "k5-control-plane\n"
    assert driver.out("kubelet --version") == "Kubernetes v1.34.4\n"
    assert driver.out("pidof kubelet").strip().isdigit()
    assert driver.run("pgrep nosuch").rc == 1
    assert driver.out("su -c 'echo hi'") == "hi\n"
    assert (
        driver.out("openssl x509 -noout -issuer -in /etc/kubernetes/pki/apiserver.crt")
        == "issuer=CN = kubernetes\n"
    )


def test_what_a_node_does_not_have_is_not_found(driver: Driver) -> None:
    assert [driver.run(f"{name} x").rc for name in ("sudo", "man")] == [127, 127]
