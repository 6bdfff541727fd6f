"""A whole attempt in a real terminal, from home to the debrief. The repairs are typed as a trainee types them."""

import re
import time

from lab.catalog import CATALOG
from lab.core.load import load
from lab.places import hints_folder, scenarios_folder
from tests.tui.tmux import Window

__all__ = ["begin", "begin_anew", "give_diagnosis", "play_badly", "play_well"]

KLUSTER005 = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
SYMPTOMS = {fault.name: fault.symptom.name for fault in KLUSTER005.scenario.faults}
#: A working order: repairs through the API need its store first.
ORDER = tuple(KLUSTER005.solution.faults)


def begin(window: Window, backend: str, patience: float) -> None:
    """Start from home, read the letters, and open the terminal."""
    window.until(f"●. {backend}: ", 30)
    window.keep("1-home")
    window.keys("F5")
    window.until("The auditor's letter|The user's letter", 20)
    window.keep("2-boot")
    _open_terminal(window, patience)
    window.keep("3-play")


def begin_anew(window: Window, patience: float) -> None:
    """From a debrief, play everything again."""
    window.keys("r")
    window.until("Play what", 10)
    window.keys("Enter")
    _open_terminal(window, patience)


def _open_terminal(window: Window, patience: float) -> None:
    """Open the terminal from the letters, once the lab is ready."""
    window.until("the clock runs", patience)
    window.keys("Enter")
    window.until(r"control-plane:~#", 30)
    window.until(r"✗ +silence +0 of 20", 60)


def repair(window: Window, fault: str, patience: float) -> None:
    """Type the repair of `fault` into the terminals of its nodes."""
    for number, step in enumerate(KLUSTER005.solution.faults[fault]):
        nodes = ["control-plane", "worker"] if step.nodes == "all" else ["control-plane"]
        for node in nodes:
            if node == "worker":
                window.keys("F6")
                window.until(r"worker:~#", 30)
            done = f"step-{fault}-{number}-{node}"
            window.type(f"cat > /tmp/step <<'END-OF-STEP'\n{step.run.rstrip()}\nEND-OF-STEP")
            window.type(f"bash -euo pipefail /tmp/step >/dev/null; echo {done[:4]}''{done[4:]} $?")
            window.until(rf"{done} 0", step.timeout + patience)
            if node == "worker":
                window.keys("F6")


def give_diagnosis(window: Window) -> None:
    """Fill in the form, whose first list has the focus."""
    for fault in KLUSTER005.scenario.faults:
        answer = KLUSTER005.solution.diagnosis[fault.name]
        lists = KLUSTER005.scenario.diagnosis
        for choices, word in ((lists.components, answer.component), (lists.causes, answer.cause)):
            at = [choice.name for choice in choices].index(word)
            window.keys("Enter")
            window.until("▲", 30)
            window.keys("Home", *["Down"] * (at + 1), "Enter")
            window.until(rf"{re.escape(choices[at].title[:20])}.*▼", 30)
            window.keys("Tab")


def submit(window: Window, *, diagnosis: bool) -> str:
    """End the attempt; return the debrief's screen."""
    window.keys("F9")
    window.until("End the attempt", 10)
    window.keys("y")
    window.until("What caused each symptom", 10)
    if diagnosis:
        give_diagnosis(window)
        window.keep("4-diagnosis")
        window.keys("Enter")
    else:
        window.keys(*["Tab"] * (2 * len(SYMPTOMS)), "Enter")
    window.until("The drill|› debrief", 20)
    window.until("› debrief", 200)
    return window.until(r"(HTTP 403|no answer) after", 60)


def play_well(window: Window, patience: float) -> None:
    """Repair all four; the debrief shows 100 points."""
    for fault in ORDER:
        repair(window, fault, patience)
    for symptom in SYMPTOMS.values():
        window.until(rf"✓ +{symptom} .*repaired", patience)
    window.keep("3-play-repaired")
    shown = submit(window, diagnosis=True)
    window.keep("5-debrief")
    assert "100 of 100 points" in shown
    assert "HTTP 403" in shown
    window.until("I have never been so glad to be refused", 10)


def play_badly(window: Window, patience: float) -> None:
    """A wait cut short, a hint, half a repair, two symptoms repaired by the lab; check the costs."""
    window.type("kubectl get nodes")
    time.sleep(3)  # as impatient people wait
    window.keys("C-c")
    window.until(r"kubectl was cut off after \d s", 20)
    window.keep("6-advice")
    window.keys("F4", "Home", "Enter")
    window.until("silence +where: 10 % of its points", 20)
    window.keys("Enter")
    window.until("then cost 10 %", 10)
    window.keep("7-hint")
    window.keys("y")
    window.until("silence +what: 20 % of its points", 20)
    window.keys("F3")
    repair(window, "etcd-quota", patience)
    # In this order: a DNS pod that starts on the worker may not get Ready before nodes forward packets.
    for fault in ("forwarding", "admission"):
        give_up(window, fault, patience)
    window.keys("F3")
    window.type("kubectl delete networkpolicy --all --all-namespaces")
    window.until(r"✗ +strangers +14 of 20", patience)
    shown = submit(window, diagnosis=False)
    window.keep("8-debrief")
    # silence 20 less 10 %, nothing for two, half a policy, and the user's curl.
    assert "44 of 100 points" in shown


def give_up(window: Window, fault: str, patience: float) -> None:
    """Let the lab repair `fault`."""
    window.keys("F4", "End", "Enter")
    window.until("Which symptom should the lab", 10)
    # The dialog may be drawn in parts.
    shown = window.until(rf"(│|┃|▊|\s){SYMPTOMS[fault]}: ", 10)
    # Advice behind the dialog may begin with a symptom's name, too.
    choices = shown.partition("Which symptom should the lab")[2]
    titles = {fault.symptom.name: fault.symptom.title for fault in KLUSTER005.scenario.faults}
    offered = [name for name, title in titles.items() if f"{name}: {title[:16]}" in choices]
    window.keys(*["Down"] * offered.index(SYMPTOMS[fault]), "Enter")
    window.until("Done. Esc closes", patience)
    window.keys("Escape")
    window.until(rf"✓ +{SYMPTOMS[fault]} .*repaired", patience)
