# `make survey`, `make check` (a minute, for every change) and `make test` (everything). Each makes the virtual
# environment first, once.

# The first Python that runs and is new enough.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
OUT ?= survey-kalmar

# The tests that take little time and need neither survey, map nor browser: of `make check` and `make lowest`.
UNITS := $(patsubst %,tests/test_%.py,areas bad_input cli decomposition environment export identities inequality \
	measures multigroup owndata polarization rule_files segregation standardize tables transitions)

# How the house is built: needs mypy and ruff, so it is of `make check` alone.
STRUCTURE := $(patsubst %,tests/test_%.py,architecture public words docstrings readme digits)

# Each file's tests stay in one process, so that what a file makes once is made once; the notebooks run among them.
WORKERS ?= 2
TOGETHER := -n $(WORKERS) --dist loadfile

.PHONY: survey check test lowest pythons lint lab notebooks docs wheel clean

survey: $(VENV)/installed
	$(BIN)/segkit survey kalmar --out $(OUT)

check: $(VENV)/installed lint
	$(BIN)/python -m pytest -q $(TOGETHER) -m "not slow" $(wildcard $(STRUCTURE)) $(UNITS)

test: $(VENV)/installed lint
	$(BIN)/python -m pytest $(TOGETHER) --doctest-modules --nbval --nbval-sanitize-with tests/nbval.cfg \
		notebooks segkit tests

# The lowest versions that pyproject.toml allows, in an environment of their own that is removed again.
lowest: $(VENV)/installed
	.ci/lowest $(BIN)/python $(BIN)/uv $(UNITS)

# The whole suite with each Python of PYTHONS (names or paths) and the newest packages.
PYTHONS ?= python3.11 python3.12 python3.13
pythons:
	set -e; for python in $(PYTHONS); do \
		version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		$(MAKE) test PYTHON=$$python VENV=.venv-python$$version; done

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: $(VENV)/installed
	$(BIN)/jupyter lab notebooks

# Runs every notebook and stores what it shows, without the times at which cells ran.
notebooks: $(VENV)/installed
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False notebooks/*.ipynb

docs: $(VENV)/installed
	$(BIN)/python docs/write_measures.py

wheel: $(VENV)/installed
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

# Installed again only when the list of packages changes.
$(VENV)/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "segkit needs Python 3.11 or later; install it or say PYTHON=path"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --editable ".[notebooks,test]"
	touch $@

clean:
	rm -rf $(VENV) .venv-python* dist survey-*
