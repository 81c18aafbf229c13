# Two commands matter: `make run` and `make test`. Every path is relative, so that a folder with spaces in its name works.
.DEFAULT_GOAL := help
.PHONY: help setup setup-run setup-test run prepare check check-types check-rest test bench bench-million assets lock clean
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE # a third of the tests' time is processes that start

PUBLIC_PORT ?= 8000
STAFF_PORT ?= 8001
PY := .venv/bin/python
PYTEST_WORKERS ?= 3

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: setup-test ## everything: .venv with the locked packages, and what the tests need of the system

setup-run:
	@sh deploy/setup.sh run

setup-test:
	@sh deploy/setup.sh test

run: prepare ## the public site, the staff site and the worker with demo content (PUBLIC_PORT=8000 STAFF_PORT=8001)
	@exec .venv/bin/mingjing demo run --public-port $(PUBLIC_PORT) --staff-port $(STAFF_PORT)

prepare: setup-run ## all that `make run` does but starting: database, store and demo content under var/
	@.venv/bin/mingjing demo prepare

check: setup-test ## lint, format, types, import contracts, translations, migrations up and down with data
	@$(MAKE) -j 2 check-types check-rest

check-types: # as long as all the rest, on one core: beside it
	$(PY) -m mypy

check-rest:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports --no-logo
	$(PY) -m portal.web.translations check
	$(PY) -m pytest tests/migrations tests/architecture -q

test: export GLIBC_TUNABLES = glibc.malloc.hugetlb=1# large pages, as the sites themselves have
test: setup-test ## every test on SQLite and PostgreSQL
	$(PY) -m pytest -q -n $(PYTEST_WORKERS) --dist worksteal

bench: setup-test ## the speeds that are promised, at 1,000 and 10,000 reports
	$(PY) -m tests.benches

bench-million: setup-test ## the same at 1,000,000 reports (the seeded database is kept under var/)
	$(PY) -m tests.benches --million

assets: setup-run ## style sheets, scripts and icons (needs npm) and compiled translations, made again; all are committed
	@command -v npm >/dev/null || { echo "assets: npm is needed (Debian 12: apt-get install npm)"; exit 1; }
	npm ci
	npm run build
	$(PY) -m portal.web.translations compile

lock: ## make deploy/requirements/*.txt again (UPGRADE=1 takes newer versions)
	@sh deploy/lock.sh

clean: ## remove .venv, var and caches
	rm -rf .venv var build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
