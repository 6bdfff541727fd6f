"""The first seconds of a kubelet: it reads its settings, and then begins its work or ends."""

from lab.cluster.sim.api.configuration_files import ConfigurationError
from lab.cluster.sim.kubelet import options
from lab.cluster.sim.kubelet.log import KubeletLog, quoted
from lab.cluster.sim.kubelet.starting import missing
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.unit_commands import command_line
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["UNIT", "Beginning"]

UNIT = "kubelet.service"
#: Seconds from its start to its end, if it refuses its settings, and if it does not find what it needs.
_REFUSES, _LACKS = 0.4, 1.6
#: The settings that act, and those that change nothing that a person sees.
_ACTING = {
    "address", "authentication.x509.clientCAFile", "containerRuntimeEndpoint", "failSwapOn", "healthzBindAddress",
    "healthzPort", "maxPods", "port", "readOnlyPort", "staticPodPath", "--v", "--config", "--kubeconfig",
    "--bootstrap-kubeconfig", "logging.verbosity", "logging.flushFrequency",
}  # fmt: skip


@stateful
class Beginning:
    """The settings of one machine's kubelet, and its end if it can't run with them."""

    _machine: Given[Machine]
    _log: Given[KubeletLog]
    #: What its flags and its configuration file say.
    settings: options.Settings
    #: The settings of its first start. What differs from them and does not act is said.
    first: options.Settings
    #: When it ends, and its last words.
    ends: float
    last: str

    def __init__(self, machine: Machine, log: KubeletLog) -> None:
        self._machine = machine
        self._log = log
        self.settings, self.first = options.defaults(), {}
        self.ends, self.last = float("inf"), ""

    def begin(self, now: float) -> bool:
        """Read the settings; return whether the kubelet can run. If not, it `ends` soon."""
        unit = self._machine.systemd.unit(UNIT)
        argv = command_line(self._machine.files, unit)[1:] if unit else []
        try:
            self.settings, strange = options.settings(self._machine.files, argv)
        except ConfigurationError as error:
            self.ends, self.last = now + _REFUSES, str(error)
            return False
        if strange:
            told = quoted(f"strict decoding error: {', '.join(strange)}")
            self._log.write("I", "codec.go:116", f'"Using lenient decoding as strict decoding failed" err={told}')
        if told := missing(self._machine, self.settings):
            self.ends, self.last = now + _LACKS, told
            return False
        self.first = self.first or self.settings
        for name in sorted(self.settings.keys() | self.first.keys()):
            if name not in _ACTING and self.settings.get(name) != self.first.get(name):
                told = f"not simulated: the kubelet's setting {name} (use --backend kind)"
                self._log.write("W", "kluster", quoted(told))
        self._serve()
        return True

    def _serve(self) -> None:
        """Listen on the ports of the settings."""
        address = self.settings["address"]
        shared = "*" if address in {"0.0.0.0", "::"} else address  # noqa: S104 -- a setting
        served, own = self._machine.served, self.settings["healthzBindAddress"]
        served["api"] = (shared, self.settings["port"])
        if port := self.settings.get("readOnlyPort"):
            served["read-only"] = (shared, port)
        if (port := self.settings["healthzPort"]) and own[:1].isdigit():
            served["healthz"] = ("*" if own == "0.0.0.0" else own, port)  # noqa: S104 -- a setting

    def stop(self) -> None:
        """Close the ports."""
        self._machine.served.clear()
        self.ends = float("inf")

    def over(self, now: float) -> bool:
        """Write the last words if the kubelet ends now; return whether it does."""
        if self.ends > now:
            return False
        self._log.write("E", "run.go:72", f'"command failed" err={quoted(self.last)}')
        return True
