"use strict";
const form = document.getElementById("join");
const code = document.getElementById("code");
const problem = document.getElementById("problem");

async function join() {
  problem.textContent = "";
  try {
    const answer = await fetch("/join", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: code.value, name: document.getElementById("name").value.trim() }),
    });
    const said = await answer.json();
    if (answer.ok) {
      location.assign(said.to);
    } else {
      problem.textContent = said.problem;
      code.select();
    }
  } catch {
    problem.textContent = "The server does not answer. Are you in the right network?";
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  join();
});
if (location.hash.length > 1) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", "/");
}
