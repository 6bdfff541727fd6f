"""crictl's settings: its file, its flags, `crictl config`."""

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.crictl.selection import Fatal, HelpShown, table
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.machine.runtime import SOCKET
from lab.cluster.sim.text.times import iso

__all__ = ["CLEAR", "config", "configured"]

#: The sequence that clears the screen; crictl prints it wherever it writes.
CLEAR = "\x1b[2J\x1b[H"
_FILE = "/etc/crictl.yaml"
_BESIDE = "/usr/local/bin/crictl.yaml"
_KEYS = {
    "runtime-endpoint": "", "image-endpoint": "", "timeout": "0", "debug": "false",
    "pull-image-on-create": "false", "disable-pull-on-run": "false",
}  # fmt: skip


async def configured(call: Call, flags: Flags) -> dict[str, str]:
    """Return the settings of a call; flags override the file."""
    path = flags.get("config") or call.env.get("CRI_CONFIG_FILE") or _FILE
    asked = flags.given("config") or bool(call.env.get("CRI_CONFIG_FILE"))
    stamp = iso(call.now())[:19] + "Z"
    if not call.files.is_file(call.path(path)):
        if asked:
            told = f'Config \\"{path}\\" does not exist, trying next: \\"{_BESIDE}\\"'
            await call.err(f'time="{stamp}" level=warning msg="{told}"\n')
        if asked and not call.files.is_file(_BESIDE):
            raise Fatal(f"load config file: stat {_BESIDE}: no such file or directory")
        path = _BESIDE
    settings = _read(call, path)
    for name, variable in (
        ("runtime-endpoint", "CONTAINER_RUNTIME_ENDPOINT"), ("image-endpoint", "IMAGE_SERVICE_ENDPOINT"),
    ):  # fmt: skip
        if flags.given(name) or call.env.get(variable):
            settings[name] = flags.get(name) or call.env.get(variable, "")
        elif not settings[name] and name == "runtime-endpoint":
            settings[name] = f"unix://{SOCKET}"
            settings["guessed"] = "true"
    if not (flags.given("image-endpoint") or settings["image-endpoint"]):
        settings["image-endpoint"] = settings["runtime-endpoint"]
    if flags.on("debug"):
        settings["debug"] = "true"
    settings["file"] = path
    await _warned(call, settings, flags, stamp)
    return settings


async def _warned(call: Call, settings: dict[str, str], flags: Flags, stamp: str) -> None:
    """Warn about each endpoint that is not configured, as often as the command uses one."""
    if "guessed" not in settings or not flags.words or flags.words[0] in {"config", "completion"}:
        return
    sockets = f"[unix://{SOCKET} unix:///run/crio/crio.sock unix:///var/run/cri-dockerd.sock]"
    kinds = {"ps": ("runtime", "Image"), "images": ("Image",), "pull": ("Image",), "rmi": ("Image",)}
    for kind in kinds.get(flags.words[0], ("runtime",)):
        told = (
            f"{kind} connect using default endpoints: {sockets}. As the default settings are now deprecated, "
            "you should set the endpoint instead."
        )
        await call.err(f'time="{stamp}" level=warning msg="{told}"\n')


def _read(call: Call, path: str) -> dict[str, str]:
    return dict(_parsed(call.files.get(call.path(path))))


@lru_cache(maxsize=8)
def _parsed(text: str) -> Mapping[str, str]:
    """Return the settings in a file's text. Each call of crictl reads the same file again."""
    found: object = None
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    told = found if isinstance(found, dict) else {}
    return {key: _text(told.get(key), usual) for key, usual in _KEYS.items()}


def _text(value: object, usual: str) -> str:
    return usual if value is None else str(value).lower() if isinstance(value, bool) else str(value)


async def config(call: Call, flags: Flags) -> int:
    """Print the settings in the file, or change them."""
    path = flags.get("file") or _FILE
    settings = _read(call, path)
    if flags.given("get"):
        if flags.get("get") not in _KEYS:
            raise Fatal(f"no configuration option named {flags.get('get')}")
        await call.line(settings[flags.get("get")])
        return 0
    if flags.given("set"):
        for setting in flags.all("set"):
            for option in setting.split(","):
                pair = option.split("=")
                if len(pair) != 2:
                    raise Fatal(f"incorrectly specified option: {setting}")
                settings[pair[0]] = _checked(*pair)
        _write(call, path, settings)
        return 0
    if flags.on("list"):
        await call.out(CLEAR + table([["KEY", "VALUE"], *([key, settings[key]] for key in _KEYS)]))
        return 0
    if not flags.words:
        raise HelpShown
    key, value = flags.words[0], (flags.words[1:2] or [""])[0]
    told = f'No --get, --set or --list provided, setting key \\"{key}\\" to value \\"{value}\\"'
    await call.err(f'time="{iso(call.now())[:19]}Z" level=info msg="{told}"\n')
    try:
        settings[key] = _checked(key, value)
    except Fatal as wrong:
        raise Fatal(f'set "{key}" to "{value}": {wrong.message}') from None
    _write(call, path, settings)
    return 0


def _checked(key: str, value: str) -> str:
    """Return the new value of a setting."""
    if key not in _KEYS:
        raise Fatal(f"no configuration option named {key}")
    if key == "timeout" and not re.fullmatch(r"[-+]?\d+", value):
        raise Fatal(f"parse timeout value '{value}': strconv.Atoi: parsing \"{value}\": invalid syntax")
    if _KEYS[key] == "false":
        if value.lower() not in {"1", "t", "true", "0", "f", "false"}:
            raise Fatal(f"parse {key} value '{value}': strconv.ParseBool: parsing \"{value}\": invalid syntax")
        return "true" if value.lower() in {"1", "t", "true"} else "false"
    return value


def _write(call: Call, path: str, settings: dict[str, str]) -> None:
    lines = (f"{key}: {settings[key] or chr(34) * 2}\n" for key in _KEYS)
    call.files.write(call.path(path), "".join(lines))
