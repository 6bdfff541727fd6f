"""`kluster bundle`: one file from which kluster is installed without a network."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.commands.invocation import Invocation, JsonOption, invocation
from lab.commands.numbers import whole
from lab.commands.steps import steps

if TYPE_CHECKING:
    from lab.bundle.make import Made

__all__ = ["bundle"]


class Platform(StrEnum):
    """The values of `--platform`."""

    LINUX_AMD64 = "linux-amd64"
    LINUX_ARM64 = "linux-arm64"
    MUSL_AMD64 = "musl-amd64"
    MUSL_ARM64 = "musl-arm64"
    MACOS_AMD64 = "macos-amd64"
    MACOS_ARM64 = "macos-arm64"
    WINDOWS_AMD64 = "windows-amd64"


def bundle(  # noqa: PLR0917 -- the options of a command
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="OUT.tar", help="The file to write.", show_default=False)],
    platform: Annotated[
        list[Platform] | None,
        typer.Option(
            metavar="SYSTEM",
            help=f"Only wheels for this system; repeatable: {', '.join(Platform)}. musl is Alpine. [default: all]",
            show_default=False,
        ),
    ] = None,
    with_node_image: Annotated[
        bool, typer.Option("--with-node-image", help="Add the node image of `make node-image` (1 GB).")
    ] = False,
    days: Annotated[
        int, typer.Option(parser=whole(1, 3650), metavar="N", help="Days until the bundle expires.")
    ] = 180,
    as_json: JsonOption = False,
) -> None:
    """Pack kluster for machines without a network: one file with wheels, sums, a signature and an installer.

    It needs a checkout, pip and a package index; minutes for all systems. The file is written whole or not at all.
    The last lines are for the receiver: the sum of the file, and the fingerprint of your key. Read one of them
    out, or print it: it must not travel with the file.
    """
    import lab  # noqa: PLC0415 -- --help does without
    from lab.bundle.make import Order, make  # noqa: PLC0415
    from lab.bundle.wheel import Checkout  # noqa: PLC0415
    from lab.places import state_folder  # noqa: PLC0415

    run = invocation(context)
    chosen = tuple(dict.fromkeys(each.value for each in platform or Platform))
    order = Order(out, chosen, with_node_image=with_node_image, days=days)
    checkout = Checkout.at(Path(lab.__file__).resolve().parents[1])
    made = make(order, checkout, state_folder() / "bundle.key", datetime.now(UTC), steps(run.console))
    if as_json:
        run.console.data(made.as_data())
    else:
        _show(run, made)


def _show(run: Invocation, made: "Made") -> None:
    from lab.bundle.check import spoken  # noqa: PLC0415 -- see bundle

    name, text = made.path.name, run.console.text
    text(f"{made.path}: {made.size / 1e6:.0f} MB, {made.wheels} wheels, kluster {made.manifest['kluster']}")
    for target, by_python in made.manifest["targets"].items():
        for python, lacks in by_python.items():
            if lacks:
                text(f"Not for {target} with Python {python}: no wheel of {', '.join(lacks)}")
    for image in made.manifest["images"]:
        text(f"Image: {image['name']} ({image['architecture']})")
    text(f"To be used until {made.manifest['expires'][:10]}.")
    text(f"SHA-256:           {made.sha256}")
    text(f"Sum, to read out:  {spoken(made.sha256)}")
    text(f"Key, to read out:  {spoken(made.fingerprint)}   (the same for each bundle that you make)")
    run.console.say(
        "The receiver compares the sum before running anything from it: sha256sum, shasum -a 256, or certutil."
    )
    run.console.say(f"Then: tar -xf {name} install.py; python3 install.py {name} --sha256 '{spoken(made.sha256)}'")
