# Everything here sets up its own environment in .venv on first use.
# Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip -qq --disable-pip-version-check install --no-compile -c constraints.txt
SITE := $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
COMPILE := $(BIN)/python -m compileall -qq -j 0

# Sixty-four host processes would each compile what is not kept.
unexport PYTHONDONTWRITEBYTECODE

# One core each: nothing here measures processes or wall time.
PARALLEL_TESTS := p2pkit $(wildcard tests/unit tests/property tests/sim tests/contract)
# Two at a time as well: graders, which measure no time, and have one core each.
LAB_TESTS := $(wildcard tests/labs)
# One after the other: processes, sockets and browsers want the whole machine.
SERIAL_TESTS := $(wildcard tests/net tests/cluster tests/notebooks tests/browser)
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# As students get them, and with their solutions.
LABS := $(wildcard labs/*.ipynb labs/source/*/*.ipynb)
NBVAL := --nbval-lax --nbval-current-env --nbval-cell-timeout=60 --timeout=120

.PHONY: help env lab nbgrader test quick lint fmt notebooks browser docs bench clean

help:
	@echo "make lab        JupyterLab on lectures and labs (ARGS=--no-browser is passed on)"
	@echo "make test       everything that must pass"
	@echo "make quick      unit, property, sim and contract tests: before every commit"
	@echo "make lint       ruff, mypy, house rules;  make fmt  formats"
	@echo "make notebooks  run the lectures and write their outputs"
	@echo "make nbgrader   what the tests of labs in nbgrader need"
	@echo "make browser, make docs, make bench, make clean"

# --- environment ------------------------------------------------------------------

env: $(VENV)/.dev

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "p2pkit needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing into $(VENV): about a minute, once."
	@$(PIP_INSTALL) --upgrade pip    # installs twice as fast as the one Python 3.11 brings
	$(PIP_INSTALL) -e '.[dev]'
	@$(COMPILE) $(VENV)/lib p2pkit || true    # some packages ship templates that do not compile
	@touch $@

$(VENV)/.docs $(VENV)/.bench: $(VENV)/.%: $(VENV)/.dev
	$(PIP_INSTALL) -e '.[$*]'
	@touch $@

# nbgrader brings extensions for Jupyter, which must not show in the tests of browsers:
# it has an environment of its own, which sees all that is in the other one.
$(VENV)/.nbgrader: $(VENV)/.dev
	$(BIN)/python -m venv --without-pip $(VENV)/nbgrader
	@$(SITE) | sed "s/.*/import site; site.addsitedir('&')/" \
		> $$($(patsubst $(BIN)/%,$(VENV)/nbgrader/bin/%,$(SITE)))/everything.pth
	$(patsubst $(BIN)/%,$(VENV)/nbgrader/bin/%,$(PIP_INSTALL)) nbgrader
	@touch $@

# --- daily ------------------------------------------------------------------------

lab: env
	$(BIN)/p2pkit lab $(ARGS)

test: lint
	$(BIN)/pytest -n 2 $(PARALLEL_TESTS)
	$(BIN)/pytest $(SERIAL_TESTS)
	$(BIN)/pytest -n 2 $(LAB_TESTS)
	$(BIN)/pytest $(NBVAL) $(NOTEBOOKS) $(LABS)

nbgrader: $(VENV)/.nbgrader

quick: env
	$(BIN)/pytest -n 2 $(PARALLEL_TESTS)

lint: env
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -q tests/house

fmt: env
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

# --- slower rooms, each alone -----------------------------------------------------

notebooks: env
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False \
		--ExecutePreprocessor.store_widget_state=False \
		--ClearMetadataPreprocessor.enabled=True \
		--ClearMetadataPreprocessor.preserve_nb_metadata_mask="{('language_info', 'name'), 'kernelspec'}" \
		$(NOTEBOOKS)
	$(BIN)/pytest $(NBVAL) $(NOTEBOOKS)

browser: env
	$(BIN)/pytest tests/browser

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
