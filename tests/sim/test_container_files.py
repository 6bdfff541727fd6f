"""Files that programs in a container write stay there until the container ends."""

from pathlib import Path

from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from tests.sim.driving import Driver

IN = "kubectl -n shop exec deploy/web --"


def test_the_next_command_sees_what_one_has_changed(driver: Driver) -> None:
    driver.out(f"{IN} sh -c 'mkdir -p /data/a; echo one >/data/a/x; chmod 600 /data/a/x; ln -s x /data/a/l'")
    assert driver.out(f"{IN} cat /data/a/l") == "one\n"
    assert driver.out(f"{IN} ls -l /data/a/x").startswith("-rw-------")
    driver.out(f"{IN} sh -c 'echo two >>/data/a/x; rm /data/a/l'")
    assert driver.out(f"{IN} sh -c 'cat /data/a/x; ls /data/a'") == "one\ntwo\nx\n"


def test_a_copied_file_is_there(driver: Driver) -> None:
    driver.out("echo hello >/root/note")
    driver.out(f"tar cf - -C /root note | {IN.replace(' --', ' -i --')} tar xf - -C /tmp")
    assert driver.out(f"{IN} cat /tmp/note") == "hello\n"
    driver.out(f"mkdir /root/back; {IN} tar cf - -C /tmp note | tar xf - -C /root/back")
    assert driver.out("cat /root/back/note") == "hello\n"


def test_commands_at_the_same_time_keep_each_ones_changes(driver: Driver) -> None:
    driver.out(f"{IN} sh -c 'sleep 3; echo a >/tmp/a' & {IN} sh -c 'sleep 3; echo b >/tmp/b' & wait")
    assert driver.out(f"{IN} sh -c 'cat /tmp/a /tmp/b'") == "a\nb\n"


def test_another_container_has_files_of_its_own(driver: Driver) -> None:
    driver.out(f"{IN} sh -c 'echo x >/tmp/x'")
    assert driver.run("kubectl -n shop exec deploy/db -- cat /tmp/x").rc == 1
    driver.out("kubectl -n shop delete pod -l app=web; kubectl -n shop rollout status deployment/web")
    assert driver.run(f"{IN} cat /tmp/x").rc == 1


def test_the_file_of_the_cluster_has_them(driver: Driver, tmp_path: Path) -> None:
    driver.out(f"{IN} sh -c 'echo kept >/tmp/x; rm -r /srv'")
    cluster = driver.cluster
    cluster.close()
    again = SimCluster(cluster.name, tmp_path, clock=Clock(turned=True))
    script = f"{IN} sh -c 'cat /tmp/x; ls -d /srv'"
    found = again.control_plane.run(["bash", "-c", script])
    assert found.stdout == "kept\n"
    assert "No such file" in found.stderr


def test_a_file_that_is_too_large_is_not_said_to_be_there(driver: Driver) -> None:
    wrote = driver.run(f"{IN} sh -c 'head -c 2000000 /dev/zero >/tmp/large; echo small >/tmp/small'")
    assert wrote.stderr == "not simulated: /tmp/large is too large to stay in the container (use --backend kind)\n"
    assert driver.out(f"{IN} cat /tmp/small") == "small\n"
