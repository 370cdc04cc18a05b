# Needs nothing but Python 3.11+ and make, tests of pages Chromium: .venv is built here, from the hashed lock.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Readers of what's published, with a DuckDB older and one newer than the locked one
READERS := .venv-readers/1.4/.ready .venv-readers/2.0/.ready

.DEFAULT_GOAL := help
.PHONY: help run run-sheets test check prove lock clean bench

help: ## Show these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=...") if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(READY) ## Make the sample, run one night on it, show the index and where things are
	@$(BIN)/spbe-etl sample var/sample
	@$(BIN)/spbe-etl run --source var/sample

run-sheets: $(READY) ## The same from Google Sheets: a server on loopback, a night, answers in the sheets, a quiet night
	@$(BIN)/spbe-etl sample var/sample
	@$(BIN)/python tests/show_sheets.py var/sample

test: $(READY) ## Run the checks and all tests (under 10 minutes)
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 -m "not prove"

check: $(READY) ## Lint, types and import contracts (under 90 seconds)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.venv-readers/1.4/.ready: HOLDS := duckdb==1.4.5
.venv-readers/2.0/.ready: HOLDS := duckdb==2.0.0
.venv-readers/polars/.ready: HOLDS := polars==2.1.0
$(READERS) .venv-readers/polars/.ready:
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install -q --disable-pip-version-check $(HOLDS)
	@touch $@

prove: $(READY) $(READERS) ## Run the long counts
	$(BIN)/python -m pytest -n 2 -m prove -rA

bench: $(READY) .venv-readers/polars/.ready ## Measure nights against the least that could be done (minutes, on a quiet machine)
	@$(BIN)/python tests/benchmarks/bench.py

lock: ## Make requirements.lock anew (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate --extra dev --constraint constraints.txt pyproject.toml -o requirements.lock

clean: ## Remove the virtual environment and build leftovers
	rm -rf $(VENV) .venv-readers build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
