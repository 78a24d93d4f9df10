# `make demo` and `make test` set themselves up in .venv: they need Python 3.11 or newer, make and the package index.

PYTHON ?= python3
# How many tests run side by side: a number, or "auto" for one per core.
JOBS ?= auto

VENV := .venv
BIN := $(VENV)/bin
# A stamp is written when its installation has ended well, so that an interrupted one is taken up again.
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

# The peers of the speed suite get an environment of their own. OPTIONS="--quick", OPTIONS="--cases S M", ...
VENV_BENCH := .venv-bench
READY_BENCH := $(VENV_BENCH)/.ready
OPTIONS ?=

DATA := examples/penguins.csv
MODEL := build/penguins.glassnet

.NOTPARALLEL:
.PHONY: help demo test hosts bounds devices lint format settings messages bench memory fuzz clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(READY)  ## train on examples/penguins.csv and open one prediction
	@mkdir -p $(dir $(MODEL))
	$(BIN)/glassnet train $(DATA) --target species --seed 0 --output $(MODEL)
	$(BIN)/glassnet evaluate $(MODEL) $(DATA)
	$(BIN)/glassnet explain $(MODEL) $(DATA) --row 3

# A worker without tests takes over some of another's: those that drive a browser take seconds, most others none. There
# is a worker per core, so NumPy's products have one thread: others would wait for those of the other worker.
test: lint  ## every check and every test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -m 'not hosts' -n $(JOBS) --maxprocesses 8 --dist worksteal --durations 25 --durations-min 3

# What computes in machine code, and what reads the files that decide what it computes.
BOUNDS := tests/engines tests/training/test_train_many.py $(addprefix tests/estimators/,files predicting test_front.py test_slope.py)

hosts: $(READY_DEV)  ## the tests that train on several hosts, in network namespaces; they need root
	$(BIN)/python -m pytest -m hosts --durations 5

bounds: $(READY_DEV)  ## the engine's, the predictions' and the model files' tests, every index in machine code checked
	GLASSNET_BOUNDS_CHECK=1 $(BIN)/python -m pytest -n $(JOBS) --maxprocesses 8 $(BOUNDS) -k "not xla"

devices: $(READY_DEV)  ## the engine suite on JAX, each minibatch shared by four devices
	GLASSNET_TEST_DEVICES=4 $(BIN)/python -m pytest -n $(JOBS) --maxprocesses 8 tests/engines -k "xla"

lint: $(READY_DEV)  ## style, types and the floors
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

format: $(READY_DEV)  ## let ruff repair what it can
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

settings: $(READY_DEV)  ## write the parameters of docstrings from the table of settings
	$(BIN)/python -m tools.settings

messages: $(READY_DEV)  ## write the types of the studio's page from its messages
	$(BIN)/python -m tools.messages

fuzz: $(READY_DEV)  ## attack model files, tables, queries, the studio, interrupts, kills and sweeps; OPTIONS="models --cases 1000 --seed 1"
	$(BIN)/python -m fuzz $(OPTIONS)

# Settings that tune BLAS for one machine would favor one contender.
bench: $(READY_BENCH)  ## time glassnet beside its peers; OPTIONS="--help" shows what can be chosen
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(VENV_BENCH)/bin/python -m benchmarks $(OPTIONS)

memory: $(READY_DEV)  ## the memory that fitting a large table takes; OPTIONS="--rows 200000 --columns 50" or "--csv --rows 5000000"
	$(BIN)/python -m benchmarks.memory $(OPTIONS)

clean:  ## remove what the other targets made, environments included
	rm -rf $(VENV) $(VENV_BENCH) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find benchmarks fuzz src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call virtual_environment,DIRECTORY): one that works is kept, whichever Python made it; a broken or half-made one is
# made anew.
define virtual_environment
@$(1)/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && exit 0; \
$(PYTHON) -c 'import sys' 2>/dev/null || { \
	echo "There is no '$(PYTHON)' here. Install Python 3.11 or newer, or say where it is: make ... PYTHON=/path/to/python3" >&2; \
	exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "glassnet needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
		"Name a newer one: make ... PYTHON=python3.12" >&2; \
	exit 1; }; \
echo "$(PYTHON) -m venv $(1)"; \
$(PYTHON) -m venv --clear $(1) || { \
	echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt install python3-venv" >&2; \
	exit 1; }
endef

$(READY): pyproject.toml
	$(call virtual_environment,$(VENV))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# What the tests need includes what the demo needs.
$(READY_DEV): pyproject.toml
	$(call virtual_environment,$(VENV))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY) $@

$(READY_BENCH): pyproject.toml benchmarks/requirements.txt benchmarks/requirements-optional.txt
	$(call virtual_environment,$(VENV_BENCH))
	$(VENV_BENCH)/bin/python -m pip install --quiet --disable-pip-version-check \
		--editable . --requirement benchmarks/requirements.txt
	$(VENV_BENCH)/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement benchmarks/requirements-optional.txt || echo "Not everything optional installs here; the report says what is missing." >&2
	@touch $@
