"""The shell's own commands and the text programs give the recorded answers of Debian 12 (`record.py`)."""

from typing import Any

import pytest

from lab.cluster.sim.bash.tools.catalog import TOOLS
from tests.sim.bash.corpora import FILES, mode_of, recorded
from tests.sim.bash.rig import run

_ALL = [*recorded("builtins"), *recorded("tools"), *recorded("sed")]


@pytest.mark.parametrize("answer", _ALL, ids=[each["script"][:60] for each in _ALL])
def test_a_script_answers_as_debians_does(answer: dict[str, Any]) -> None:
    how, text = mode_of(answer["script"])
    files = dict(FILES)
    argv = ["bash", "-c", text]
    if how == "file":
        files["script.sh"] = text
        argv = ["bash", "script.sh"]
    out, err, code = run(argv, files=files, stdin=text if how == "stdin" else "", programs=TOOLS)
    assert (out, err, code) == (answer["out"], answer["err"], answer["code"])
