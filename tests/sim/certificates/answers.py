"""What a real cluster answered about its certificates (`recorded.txt`), and how answers are compared.

python -m tests.sim.certificates.answers CONTAINER   # asks the control plane of a kind cluster again
"""

import re
import subprocess
import sys
from pathlib import Path

__all__ = ["comparable", "recorded"]

_FILE = Path(__file__).parent / "recorded.txt"
_MARK = "### "
_SAME = (
    # A session's ticket is random, and ends what s_client prints.
    (re.compile(r"---\nPost-Handshake New Session Ticket arrived:.*?read R BLOCK\n?", re.DOTALL), ""),
    (re.compile(r"has read \d+ bytes"), "has read N bytes"),
    (re.compile(r"(?:^ +(?:[0-9a-f]{2}:)*[0-9a-f]{2}:?$\n?)+", re.MULTILINE), "BYTES\n"),
    (re.compile(r"(?:^[A-Za-z0-9+/=]{4,64}\n)+(?=-----END)", re.MULTILINE), "BASE64\n"),
    (re.compile(r"[0-9A-F]{12}0000:error"), "THREAD:error"),
    (re.compile(r"[A-Z][a-z]{2} [ 0-9]\d,? (?:\d\d:\d\d:\d\d )?20\d\d(?: \d\d:\d\d)?"), "DATE"),
    (re.compile(r"Serial Number: .*|Serial Number:\n +.*"), "SERIAL"),
    (re.compile(r"\b(?:[0-9A-F]{2}:){19}[0-9A-F]{2}"), "KEY ID"),
    (re.compile(r"SHA256=[0-9a-f]{64}"), "SHA256=DIGEST"),
    (re.compile(r"@\d{10}"), "@TIME"),
    (re.compile(r"172\.\d+\.0\.\d"), "NODE"),
    (re.compile(r'"ts":"[^"]*"'), '"ts":"TIME"'),
    # client-go loads the pair two or three times.
    (re.compile(r"(?:E\d{4} [\d:.]+ +\d+ (cert_rotation.*\n))+"), r"\1"),
    (re.compile(r"0x[0-9a-f]{10,}"), "0xADDRESS"),
    (re.compile(r"after \d+ ms"), "after N ms"),
    (re.compile(r" +$", re.MULTILINE), ""),
)


def comparable(answer: str, cluster: str) -> str:
    """Return an answer without what differs from cluster to cluster."""
    answer = re.sub(rf"\b{cluster}-(control-plane|worker)", r"NAME-\1", answer)
    answer = re.sub(rf"(cluster: |name: |@){cluster}$", r"\1NAME", answer, flags=re.MULTILINE)
    for pattern, word in _SAME:
        answer = pattern.sub(word, answer)
    return answer.rstrip("\n")


def recorded() -> dict[str, str]:
    """Return question -> answer; the first line of the file has the cluster's name."""
    name, *parts = _FILE.read_text(encoding="utf-8").split(f"\n{_MARK}")
    found = dict(part.split("\n", 1) for part in parts)
    return {question: comparable(answer, name) for question, answer in found.items()}


def _ask(container: str) -> None:
    name = container.removesuffix("-control-plane")
    lines = [name]
    for question in recorded():
        asked = ["docker", "exec", container, "bash", "-c", f"({question}) 2>&1"]
        answer = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        lines += [f"{_MARK}{question}", answer.stdout.rstrip("\n")]
    _FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _ask(sys.argv[1])
