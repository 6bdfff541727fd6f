"""Files in /proc about a node's memory, processors, network and processes."""

import posixpath

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.mounts import mounts
from lab.cluster.sim.machine.processes import MEMORY, Process, processes

__all__ = ["renew"]

_PROCESSORS = 4
_MODE = 0o444
_VIRTUAL = ("sysfs", "tmpfs", "proc", "cgroup2", "devtmpfs", "overlay")
_CPU = """\
processor\t: {number}
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R) Processor
stepping\t: 8
cpu MHz\t\t: 2100.000
cache size\t: 16384 KB
physical id\t: 0
siblings\t: 4
core id\t\t: {number}
cpu cores\t: 4
fpu\t\t: yes
fpu_exception\t: yes
cpuid level\t: 28
wp\t\t: yes
bogomips\t: 4200.00
clflush size\t: 64
address sizes\t: 46 bits physical, 57 bits virtual
power management:

"""


def renew(machine: Machine) -> None:
    """Write the present values."""
    files, up = machine.files, machine.clock.now() - machine.boot_time
    every = processes(machine)
    found = {
        "uptime": f"{up:.2f} {up * _PROCESSORS * 0.9:.2f}\n",
        "loadavg": f"0.42 0.37 0.31 1/{sum(p.threads for p in every)} 39120\n",
        "meminfo": _memory(),
        "cpuinfo": "".join(_CPU.format(number=number) for number in range(_PROCESSORS)),
        "cmdline": "BOOT_IMAGE=/boot/vmlinuz-6.8.0-45-generic root=/dev/vda1 ro quiet\n",
        "mounts": "".join(f"{one.source} {one.target} {one.kind} {one.options} 0 0\n" for one in mounts(machine)),
        "filesystems": "".join(f"nodev\t{one}\n" for one in _VIRTUAL) + "\text4\n",
        "swaps": "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
    }
    for name, text in found.items():
        _renew_file(files, f"/proc/{name}", text)
    numbers = {str(process.pid) for process in every}
    for name in files.names("/proc"):
        if name.isdigit() and name not in numbers:
            files.remove(posixpath.join("/proc", name))
    for process in every:
        for name, text in _of(process).items():
            _renew_file(files, f"/proc/{process.pid}/{name}", text)


def _renew_file(files: Files, path: str, text: str) -> None:
    """Write a file unless it has this text: the library counts all its files for each write."""
    if not (files.exists(path) and files.system.stat(path)["mode"] == _MODE and files.read(path) == text):
        files.write(path, text, _MODE)


def _memory() -> str:
    left = MEMORY - 1468152 - 3210152
    figures = {"MemTotal": MEMORY, "MemFree": left, "MemAvailable": MEMORY - 1468152, "Buffers": 75976,
               "Cached": 3134176, "SwapCached": 0, "SwapTotal": 0, "SwapFree": 0, "Shmem": 10552}  # fmt: skip
    return "".join(f"{name + ':':<16}{number:>8} kB\n" for name, number in figures.items())


def _of(process: Process) -> dict[str, str]:
    state = (
        f"Name:\t{process.name}\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t{process.pid}\nNgid:\t0\n"
        f"Pid:\t{process.pid}\nPPid:\t{process.parent}\nTracerPid:\t0\n"
        f"Uid:\t{process.uid}\t{process.uid}\t{process.uid}\t{process.uid}\nGid:\t0\t0\t0\t0\n"
        f"VmPeak:\t{process.virtual:>8} kB\nVmSize:\t{process.virtual:>8} kB\nVmRSS:\t{process.resident:>8} kB\n"
        f"Threads:\t{process.threads}\n"
    )
    return {"cmdline": "\0".join([*process.args.split(), ""]), "comm": f"{process.name}\n", "status": state}
