# Every target works on a fresh machine with Python 3.11 and make; the environment comes from the lock.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export DO_NOT_TRACK := 1
# options of the commands: make run OPTIONS="--as-of 2026-04-30"
OPTIONS ?=
# files of tests to run: make test TESTS=tests/unit
TESTS ?= tests

.PHONY: help run test test-quick test-long check-sources status calibrate recompute ui lint types bench agreement clean lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.base: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/.dev: requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@ $(VENV)/.base

run: $(VENV)/.base ## take in, rebuild, check, publish (the sample company, until sources.yml says otherwise)
	$(BIN)/python -m dagster_project run $(OPTIONS)

check-sources: $(VENV)/.base ## preview what sources.yml makes of the exports
	$(BIN)/python -m dagster_project check-sources $(OPTIONS)

status: $(VENV)/.base ## say whether today's tables are today's
	@$(BIN)/python -m dagster_project status $(OPTIONS)

calibrate: $(VENV)/.base ## freeze the scores' references: make calibrate FROM=2026-01-01 TO=2026-03-31
	$(BIN)/python -m dagster_project calibrate $(if $(FROM),--from $(FROM)) $(if $(TO),--to $(TO)) $(OPTIONS)

recompute: $(VENV)/.base ## rebuild a published day as it was known then, and compare: make recompute DAY=2026-04-30
	$(BIN)/python -m dagster_project recompute $(if $(DAY),--day $(DAY)) $(OPTIONS)

ui: $(VENV)/.base ## open Dagster on http://127.0.0.1:3000
	$(BIN)/python -m dagster_project ui $(OPTIONS)

test: $(VENV)/.dev ## all tests but the long ones
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long" $(TESTS)

test-quick: $(VENV)/.dev ## unit tests only
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long and not integration" $(TESTS)

test-long: $(VENV)/.dev ## what takes longer than a continuous integration run may
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m long $(TESTS)

lint: $(VENV)/.dev ## ruff and sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 2 dbt/models dbt/tests

types: $(VENV)/.dev ## mypy
	$(BIN)/mypy dagster_project examples benchmarks

bench: $(VENV)/.dev ## print the speed ratios; asserts nothing about time
	$(BIN)/python -m benchmarks $(OPTIONS)

agreement: $(VENV)/.dev ## compare the segments with the truth of simulated companies; asserts nothing
	$(BIN)/python -m benchmarks.agreement $(OPTIONS)

lock: ## renew both locks from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url -q --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove everything that runs produced; your exports stay
	rm -rf data/landing data/raw data/quarantine data/warehouse.duckdb data/published data/tmp data/logs data/writer.lock data/dev dbt/target
