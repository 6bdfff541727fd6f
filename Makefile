# What there is to do here; `make` alone lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Workers are dealt whole files of tests, in the order that tests/conftest.py gives them. Two more than processors: two wait
# for minutes.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))
# Tests start hundreds of programs: all of them share one set of compiled modules.
export PYTHONDONTWRITEBYTECODE :=
SIDE_BY_SIDE := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# A test that goes on after its own time-out, as hypothesis does when it repeats an example, ends with its worker.
ENDING := --max-worker-restart 0 -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true

.DEFAULT_GOAL := help
.PHONY: help lab test lint unit e2e record conformance differential differential-nightly screenshots bench soak nightly hold deployed audit node-image seats-image lock clean

help:  ## list what there is to do
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

lab: $(READY)  ## play the lab; without a terminal, rehearse it
	@if [ -t 0 ] && [ -t 1 ] && [ -t 2 ]; then $(BIN)/kluster play; else $(BIN)/kluster rehearse; fi

test: $(READY)  ## lint, types, import contracts and all tests that need no Docker
	@$(MAKE) --no-print-directory --jobs=2 lint unit

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml

unit: $(READY)
	$(BIN)/pytest -m "not kind" $(SIDE_BY_SIDE) $(ENDING)

e2e: $(READY)  ## everything on a real kind cluster (Debian, as root: sets up Docker and kind)
	.ci/e2e

screenshots: $(READY)  ## take the pictures of the README anew, from the app itself
	$(BIN)/python -m tests.tui.screenshots docs/screens
	$(BIN)/python -m tests.serve.picture docs/screens/report.png
	$(BIN)/pip install --quiet 'playwright>=1.50'
	$(BIN)/python -m tests.browser.pictures docs/screens

record: $(READY)  ## record what a real kind cluster answers, for the phases that have no recording yet
	$(BIN)/python -m tests.conformance record

conformance: $(READY)  ## hold the simulator against the recordings; writes docs/fidelity.md
	$(BIN)/python -m tests.conformance compare --write

differential: $(READY)  ## ask a new kind cluster and the simulator random questions; writes docs/fidelity.md (SEED=7 COUNT=500 AREAS="api shell")
	$(BIN)/python -m tests.differential $(AREAS) --seed $(or $(SEED),1) --count $(or $(COUNT),100) --shrink $(or $(SHRINK),5) --write

differential-nightly: $(READY)  ## the same, ten times as many questions, others each day (SEED=20261201)
	$(MAKE) --no-print-directory differential SEED=$(or $(SEED),$(shell date +%Y%m%d)) COUNT=$(or $(COUNT),1000)

bench: $(READY)  ## measure on a real kind cluster, on the simulator and at the play screen; prints tables
	$(BIN)/python -m tests.bench.kind
	$(BIN)/python -m tests.bench.sim
	$(BIN)/python -m tests.bench.play
	$(BIN)/python -m tests.bench.looks sim
	$(BIN)/python -m tests.bench.looks kind
	$(BIN)/python -m tests.tui.bench
	$(BIN)/python -m tests.bench.seats
	$(BIN)/python -m tests.bench.seat_cost

soak: $(READY)  ## the long runs: 20 play screens ended in each way, and an hour of play (SOAK="--minutes 20")
	KLUSTER_RUNS=20 $(BIN)/pytest tests/tui/test_gone.py -n 0 --timeout 900
	$(BIN)/python -m tests.bench.soak $(SOAK)

nightly: $(READY)  ## what takes too long for every change: 50,000 steps of saving and opening again, 200,000 damaged inputs, 100 variants, 300 rehearsals
	KLUSTER_STATE_STEPS=50000 $(BIN)/pytest tests/sim/state $(SIDE_BY_SIDE) --timeout 14400
	KLUSTER_INPUTS=200000 $(BIN)/pytest tests/fuzz $(SIDE_BY_SIDE) --timeout 14400
	KLUSTER_SEEDS=100 $(BIN)/pytest tests/sim/test_variants.py tests/cheats/test_variant.py $(SIDE_BY_SIDE) --timeout 14400
	KLUSTER_REHEARSALS=300 $(BIN)/pytest tests/sim/test_many_rehearsals.py -n 0 --timeout 14400

hold: $(READY)  ## the long search for a cheat that earns (HOLD="3000" sequences), and on a real kind cluster all drills and variants
	KLUSTER_SEQUENCES=$(or $(HOLD),3000) $(BIN)/pytest -n $(WORKERS) --timeout 14400 tests/cheats/test_search.py
	KLUSTER_HOLD=1 $(BIN)/pytest -m kind -n 0 tests/kind/test_drill.py tests/kind/test_variants.py

deployed: $(READY) seats-image  ## an event of 50 seats in pods of a real kind cluster (needs helm and `make node-image`)
	KLUSTER_DEPLOYED=1 $(BIN)/pytest -s -n 0 tests/deploy

audit:  ## ask for known vulnerabilities of the pinned versions (needs the network; `make test` has a stored list)
	$(BIN)/pip install --quiet pip-audit
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.lock

node-image:  ## build the kind node image for places with no image registry (about 15 minutes, once)
	images/node/build

seats-image: $(READY)  ## build the container image of an event's server, for deploy/chart
	images/seats/build

lock:  ## write requirements.lock anew from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --extra dev --extra serve \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	$(BIN)/python -m tests.wheels
	$(BIN)/python -m tests.supply

clean:  ## remove the virtual environment and all caches
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
