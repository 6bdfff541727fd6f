"""Scripts about the language and expansion give the recorded answers of /bin/bash (`record.py`)."""

from typing import Any

import pytest

from lab.cluster.sim.bash.tools.catalog import TOOLS
from tests.sim.bash.corpora import FILES, mode_of, recorded
from tests.sim.bash.rig import run

_ALL = [*recorded("expansion"), *recorded("expansion_typed"), *recorded("language")]


@pytest.mark.parametrize("answer", _ALL, ids=[each["script"][:60] for each in _ALL])
def test_a_script_answers_as_bash_does(answer: dict[str, Any]) -> None:
    how, text = mode_of(answer["script"])
    files = dict(FILES)
    argv = ["bash", "-c", text]
    if how == "file":
        files["script.sh"] = text
        argv = ["bash", "script.sh"]
    elif how == "stdin":
        argv = ["bash"]
    found = run(argv, files=files, stdin=text if how == "stdin" else "", programs=TOOLS)
    assert found == (answer["out"], answer["err"], answer["code"])
