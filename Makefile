# A target a promise. CI runs the same targets.
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: demo system test lint type golden docs e2e hosts faults bench check clean

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@command -v terraform >/dev/null || command -v tofu >/dev/null || \
		$(BIN)/python -m pip install --quiet --editable ".[terraform]"
	@touch $@

demo: $(VENV)/ready  ## A two-node Ray cluster on this machine, and a job on it.
	$(BIN)/styx apply examples/hello.yaml --yes

system:
	@PYTHON=$(PYTHON) .ci/system-packages

test: system $(VENV)/ready  ## Unit, golden, contract and the local cloud end to end.
	$(BIN)/pytest tests/unit tests/contract tests/golden -m "not root and not emulated" --numprocesses 2
	$(BIN)/pytest tests/e2e -m "not root and not emulated" --numprocesses 2 --dist loadfile

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/yamllint --strict --config-file playbooks/.yamllint playbooks
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/ansible-lint --offline --profile production -q playbooks

type: $(VENV)/ready
	$(BIN)/mypy

golden: $(VENV)/ready  ## Rewrite the expected trees; review the diff.
	$(BIN)/pytest tests/golden --rewrite

docs: $(VENV)/ready  ## Rewrite the generated pages.
	$(BIN)/python -m styx.cli.error_table > docs/errors.md
	$(BIN)/python -m styx.spec.reference > docs/spec.md
	$(BIN)/python -m styx.cli.cloud_table > docs/clouds.md

e2e: system $(VENV)/ready  ## What needs root, test hosts or emulators.
	$(BIN)/pytest tests/unit tests/e2e -m "(root or emulated) and not hosts" --numprocesses 2 --dist loadfile

hosts: system $(VENV)/ready  ## Pools, environments, Ubuntu and fifty at once on test hosts: minutes, as root, nothing else beside it.
	$(BIN)/pytest tests/e2e -m hosts

faults: system $(VENV)/ready  ## Every test that docs/faults.md names, with 200 random kills: an hour.
	STYX_KILLS=$${STYX_KILLS:-200} $(BIN)/pytest $$(grep --only-matching 'tests/[^`]*' docs/faults.md | sort --unique) \
		-m "not hosts" -s

bench: $(VENV)/ready
	$(BIN)/python bench/run.py

check: lint type test

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
