"""ethtool: settings and drivers of links."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.node.ip import link_names

__all__ = ["ethtool"]

_SETTINGS = """\
Settings for {name}:
\tSupported ports: [  ]
\tSupported link modes:   Not reported
\tSupported pause frame use: No
\tSupports auto-negotiation: No
\tSupported FEC modes: Not reported
\tAdvertised link modes:  Not reported
\tAdvertised pause frame use: No
\tAdvertised auto-negotiation: No
\tAdvertised FEC modes: Not reported
\tSpeed: 10000Mb/s
\tDuplex: Full
\tAuto-negotiation: off
\tPort: Twisted Pair
\tPHYAD: 0
\tTransceiver: internal
\tMDI-X: Unknown
\tLink detected: yes
"""
_DRIVER = """\
driver: veth
version: 1.0
firmware-version: \n\
expansion-rom-version: \n\
bus-info: \n\
supports-statistics: yes
supports-test: no
supports-eeprom-access: no
supports-register-dump: no
supports-priv-flags: no
"""
_NO_DEVICE = "netlink error: no device matches name (offset 24)\nnetlink error: No such device"


async def ethtool(call: Call) -> int:
    """Show the settings or the driver of a link."""
    words = [word for word in call.argv if not word.startswith("-")]
    flags = [word for word in call.argv if word.startswith("-")]
    if flags not in ([], ["-i"], ["--driver"]):
        return await call.fail(NotSimulated(f"ethtool {' '.join(call.argv)}").message)
    if len(words) != 1:
        return await call.fail("ethtool: bad command line argument(s)\nFor more information run ethtool -h")
    name = words[0]
    if flags:
        if name not in link_names(call):
            return await call.fail("Cannot get driver information: No such device", 71)
        if name == "lo":
            return await call.fail("Cannot get driver information: Operation not supported", 71)
        await call.out(_DRIVER)
    elif name not in link_names(call):
        await call.line("No data available")
        return await call.fail("\n".join([_NO_DEVICE] * 5), 75)
    else:
        await call.out("Settings for lo:\n\tLink detected: yes\n" if name == "lo" else _SETTINGS.format(name=name))
    return 0
