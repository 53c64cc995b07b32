# Everything a newcomer types. `make` alone lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Arguments for pytest, for example: make test TESTS="tests/access -x" WORKERS=0
TESTS ?=
# One worker more than there are cores: tests of browsers and of several processes wait for a third of their time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# COVERAGE=1 measures coverage and fails below the bars of tools/coverage_gate.py.
COVERAGE ?=
# The code of a language whose catalogue `make translations` begins.
LANGUAGE ?=

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install everything for running and for testing
	@tools/setup.sh test

.PHONY: run
run: ## Start the portal with a sample practice at http://127.0.0.1:8000
	@tools/setup.sh run
	@exec .venv/bin/portal demo live

.PHONY: test
test: ## Run the whole suite (TESTS="tests/access -x", COVERAGE=1)
	@tools/setup.sh test
	@rm -f .coverage .coverage.*
	.venv/bin/pytest --numprocesses $(WORKERS) $(if $(COVERAGE),--cov --cov-report=) $(TESTS)
	$(if $(COVERAGE),.venv/bin/coverage json --quiet -o .cache/coverage.json)
	$(if $(COVERAGE),.venv/bin/python tools/coverage_gate.py .cache/coverage.json)

CHECKS = check-format check-lint check-types check-imports check-templates

.PHONY: check
check: ## Format, lint, types, import contracts, templates: seconds
	@tools/setup.sh test
	@$(MAKE) --no-print-directory --keep-going $(CHECKS)

.PHONY: $(CHECKS)
check-format:
	.venv/bin/ruff format --check --output-format=concise .
check-lint:
	.venv/bin/ruff check --output-format=concise .
check-types:
	.venv/bin/mypy
check-imports:
	.venv/bin/lint-imports --no-logo
check-templates:
	.venv/bin/djlint templates --lint --quiet

.PHONY: fix
fix: ## Format the code and repair what ruff can repair by itself
	@tools/setup.sh test
	.venv/bin/ruff check --fix --quiet . || true
	.venv/bin/ruff format --quiet .

.PHONY: translations
translations: ## Collect the sentences for translators and update all catalogues (LANGUAGE=es begins one)
	@tools/setup.sh test
	@.venv/bin/python tools/translations.py $(if $(LANGUAGE),--begin $(LANGUAGE))

.PHONY: screenshots
screenshots: ## Take the pictures of docs/screenshots again, from the sample practice
	@tools/setup.sh test
	@.venv/bin/python tools/screenshots.py

.PHONY: bench
bench: ## Run every benchmark; each prints its figures and one verdict line
	@tools/setup.sh test
	.venv/bin/portal bench

.PHONY: clean
clean: ## Remove what can be made again (never the instance folder)
	rm -rf .venv .cache .coverage htmlcov test-results .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis dist
