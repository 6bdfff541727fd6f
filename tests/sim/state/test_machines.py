"""Saved at any step: files, units, timers, settings, containers of a node."""

from tests.sim.state.going_on import goes_on

_TIMER = (
    "cd /etc/systemd/system; "
    "printf '[Service]\\nType=oneshot\\nExecStart=/bin/sh -c \"echo ran >> /root/ran\"\\n' > tick.service; "
    "printf '[Timer]\\nOnActiveSec=3\\nOnUnitActiveSec=11\\n' > tick.timer; "
    "systemctl daemon-reload; systemctl start tick.timer"
)
_FAILS = (
    "printf '[Service]\\nExecStart=/bin/false\\nRestart=always\\nRestartSec=7\\n' > "
    "/etc/systemd/system/fails.service; systemctl start fails.service"
)

test_machines_go_on = goes_on(
    (
        _TIMER,
        "systemctl stop tick.timer; wc -l /root/ran",
        _FAILS,
        "systemctl stop fails.service",
        "systemctl restart kubelet",
        "systemctl stop kubelet",
        "systemctl start kubelet",
        "echo x >> /etc/some; chmod 600 /etc/some; ln -sf some /etc/link",
        "rm -rf /etc/some /etc/link /root/folder",
        "mkdir -p /root/folder/below; cp /etc/hosts /root/folder; mv /root/folder/hosts /root/folder/below",
        "echo net.ipv4.ip_forward=0 > /etc/sysctl.d/99-x.conf; sysctl --system | tail -1",
        "rm -f /etc/sysctl.d/99-x.conf; sysctl -w net.ipv4.ip_forward=1",
        "crictl stop $(crictl ps -q --name web | head -1)",
        "crictl rmp -f $(crictl pods -q --name probe | head -1)",
        "logger -t me hello; journalctl -t me -n 2",
        "find /etc /root -newer /etc/hostname | sort | head -5",
        "tail -2 /var/log/pods/*/*/*.log | md5sum",
        "reboot; sleep 20",
    )
)
