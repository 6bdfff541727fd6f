"""The node image, as Docker has it on this machine. It holds the images of the workloads, too."""

import os
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.cluster.kind import process
from lab.cluster.kind.cluster import OFFLINE_IMAGE
from lab.cluster.kind.engine import Engine
from lab.errors import LabError
from lab.progress import Progress, step

__all__ = ["Image", "save_node_image"]

_LOOK = 0.5
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Image:
    """One image of a bundle: its file there, its name for Docker, and the processor that it is for."""

    file: str
    name: str
    architecture: str

    def as_data(self) -> dict[str, str]:
        """Return it as JSON has it."""
        return asdict(self)


def save_node_image(folder: Path, progress: Progress, *, name: str = OFFLINE_IMAGE) -> Image:
    """Save the node image `name` as `node.tar` in `folder`.

    Raises:
        LabError: there is no Docker, or it has no such image. kind's own image is not enough: nodes made from it
            pull the images of the workloads.

    """
    docker = process.find_program("docker")
    engine = Engine()
    if not engine.has_image(name):
        raise LabError(
            f"Docker has no image {name}.",
            "Only this one holds all that a cluster runs. Nodes of kind's own image pull the workloads' images.",
            "Build it, once, where there is a network: make node-image; or leave out --with-node-image.",
        )
    env = engine.host.environment(os.environ)
    argv = [docker, "image", "inspect", "--format", "{{.Architecture}} {{.Size}}", name]
    inspected = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=60)
    architecture, _, size = inspected.stdout.strip().partition(" ")
    with step(progress, f"The node image {name}"), (folder / "node.tar").open("wb") as file:
        saving = subprocess.Popen([docker, "save", name], env=env, stdout=file, stderr=subprocess.PIPE, text=True)
        try:
            while saving.poll() is None:
                written = os.fstat(file.fileno()).st_size
                progress.advance(written / max(int(size or 1), 1), f"{written // _MB} MB")
                time.sleep(_LOOK)
            said = saving.communicate()[1].strip()
        finally:
            saving.kill()
            saving.wait()
        if saving.returncode:
            title = "The disk is full." if "no space left" in said.lower() else f"Docker did not save {name}."
            raise LabError(title, said)
    return Image("images/node.tar", name, architecture)
