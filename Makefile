# Everything a newcomer needs: `make demo` for a running site, `make test` for proof.
# Works offline once the packages are installed.

VENV := .venv
PY := $(VENV)/bin/python
PORT := $(or $(DEMO_PORT),8000)
SOURCES := docmodels project tests bench docs manage.py
# The first interpreter of this list that runs and is recent enough.
FIND_PYTHON = for p in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	if $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo $$p; break; fi; done

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types layers docs unit slow durations bench clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed-demo  ## Install, load the sample data and serve the demo site
	@DEMO_PORT=$(PORT) $(PY) manage.py demo

test: check docs unit  ## Lint, format, types, layers, docs and all tests

check: lint types layers

lint: $(VENV)/.installed-test  ## Check style and format, change nothing
	$(VENV)/bin/ruff check $(wildcard $(SOURCES))
	$(VENV)/bin/ruff format --check $(wildcard $(SOURCES))

format: $(VENV)/.installed-test  ## Put the code into its format
	$(VENV)/bin/ruff check --fix $(wildcard $(SOURCES))
	$(VENV)/bin/ruff format $(wildcard $(SOURCES))

types: $(VENV)/.installed-test  ## Check the types
	$(VENV)/bin/mypy

layers: $(VENV)/.installed-test  ## Check that no layer imports a higher one
	$(VENV)/bin/lint-imports --no-logo

docs: $(VENV)/.installed-test  ## Build the documentation into docs/_build
	$(VENV)/bin/sphinx-build -W --keep-going -q -b html docs docs/_build

unit: $(VENV)/.installed-test  ## Run all tests
	$(VENV)/bin/pytest -n 2 --dist loadscope

slow: $(VENV)/.installed-test  ## Run the tests of full size that `make test` leaves out
	$(VENV)/bin/pytest -m slow --durations 0

durations: $(VENV)/.installed-test  ## Show the slowest tests
	$(VENV)/bin/pytest -n 2 --dist loadscope --durations 25

bench: $(VENV)/.installed-bench  ## Measure against raw pymongo and other mappers
	$(PY) -m bench

clean:  ## Remove the environment, the demo's data and everything built
	rm -rf $(VENV) .demo build dist docs/_build .pytest_cache .mypy_cache .ruff_cache

$(VENV)/bin/python:
	@python="$$($(FIND_PYTHON))"; \
	if [ -z "$$python" ]; then \
		echo "docmodels needs Python 3.11 or newer with venv; none was found."; \
		echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$python"; \
	"$$python" -m venv $(VENV)

$(VENV)/.installed-demo: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

# The wheelhouse lets the packaging test install a wheel into an empty environment offline.
$(VENV)/.installed-test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	$(PY) -m pip download --quiet --disable-pip-version-check -c constraints.txt \
		--dest $(VENV)/wheelhouse --only-binary :all: \
		Django greenlet pymongo djangorestframework django-filter pytest pytest-django
	@touch $@ $(VENV)/.installed-demo

# The mappers that are measured beside docmodels.
$(VENV)/.installed-bench: $(VENV)/.installed-test
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@
