# Everything sets itself up: a fresh clone needs Python 3.11 or later, make and the package index, nothing else.
#   make run     serve on http://127.0.0.1:8000
#   make test    every check and test
#   make check   only lint, types, templates
#   make bench   measure, and print the table of docs/performance.md
#   make setup   what the others need, without starting anything

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
CATALOGUES := $(wildcard salesboard/translations/*/LC_MESSAGES/*.po)
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome \
	|| ls -d "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check lint types templates bench browser lock clean

help:
	@sed -n 's/^#   make/  make/p' $(MAKEFILE_LIST)

setup: $(VENV)/ready

run: setup
	@SALESBOARD_TETHER=parent exec $(BIN)/salesboard serve

test: $(VENV)/ready-to-test check browser
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup $(SEEN:%=--ignore %)
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest $(SEEN)
# What is looked at in a browser, or killed, wants the machine to itself.
SEEN := tests/browser tests/faults

check: lint types templates

lint: $(VENV)/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready-to-test
	$(BIN)/mypy

templates: $(VENV)/ready-to-test
	$(BIN)/djlint --lint --quiet templates

bench: $(VENV)/ready-to-test browser
	@CHROMIUM="$(CHROMIUM)" $(BIN)/python -m bench

browser:
	@if [ ! -x "$(CHROMIUM)" ]; then \
		echo "The browser tests need Chromium, and none is on PATH." >&2; \
		echo "  Debian, Ubuntu:  apt-get install chromium fonts-noto-cjk" >&2; \
		echo "  macOS:           brew install --cask google-chrome" >&2; \
		echo "  elsewhere:       make test CHROMIUM=/path/to/chromium" >&2; \
		exit 1; \
	fi

# The environment. Each step leaves a file in .venv, so that it is taken again only when what it stands on changed.

$(VENV)/made:
	@python=; \
	for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "salesboard needs Python 3.11 or later; found: $$(python3 --version 2>&1 || echo no python3 on PATH)" >&2; \
		echo "  Another one is named like this:  make PYTHON=/path/to/python3.12 run" >&2; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "This Python cannot make virtual environments (Debian, Ubuntu: apt-get install python3-venv)" >&2; \
		exit 1; \
	fi; \
	echo "First set-up, once: making $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear $(VENV)
	@touch $@

$(VENV)/libraries: requirements.txt $(VENV)/made
	@echo "Installing the libraries that requirements.txt pins (half a minute, more on a slow line) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements.txt
	@touch $@

$(VENV)/installed: pyproject.toml requirements.in $(VENV)/libraries
	@echo "Putting the salesboard command into $(BIN) ..."
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/translated: $(CATALOGUES) $(VENV)/libraries
	@echo "Compiling the translations ..."
	@$(BIN)/pybabel --quiet compile --directory salesboard/translations
	@touch $@

$(VENV)/ready: $(VENV)/installed $(VENV)/translated
	@touch $@

$(VENV)/test-libraries: requirements-dev.txt $(VENV)/libraries
	@echo "Installing what the checks and tests need (requirements-dev.txt) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

$(VENV)/ready-to-test: $(VENV)/ready $(VENV)/test-libraries
	@touch $@

# For maintainers, with uv at hand: pin anew what requirements*.in ask for, for every system and Python from 3.11.
lock:
	uv pip compile requirements.in $(LOCK) --output-file requirements.txt
	uv pip compile requirements-postgres.in $(LOCK) --constraints requirements.txt --output-file requirements-postgres.txt
	uv pip compile requirements-dev.in $(LOCK) --constraints requirements.txt --output-file requirements-dev.txt
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock" --quiet

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache
