"""Files of the control plane: static pods, flags of etcd and of the API server, admission configurations."""

from hypothesis import strategies as st

from tests.differential.generators import manifests, program_flags
from tests.differential.model import Area, Question

__all__ = ["AREA"]

#: Questions that a real node works on at once: each waits for most of its time.
_TOGETHER = 8


def _question() -> st.SearchStrategy[Question]:
    """Return random questions: half of them about manifests."""
    scripts = st.one_of(
        manifests.manifest(),
        manifests.manifest(),
        manifests.manifest(),
        program_flags.etcd(),
        program_flags.apiserver(),
        program_flags.admission(),
    )
    return scripts.map(lambda script: Question("files", script, timeout=110))


AREA = Area("files", _question, setup=manifests.SETUP, together=_TOGETHER)
