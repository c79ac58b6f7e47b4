# make run     the app with the demo shop, on this machine only
# make test    lint, format, types and all tests, the browser's included
# make bench   speed of the model; bench-board: of the Plan page beside a bare one, in Chromium;
#               bench-forecast: accuracy beside other tools, which it installs apart in .peers;
#               bench-response: curves beside PyMC-Marketing, which it installs apart in .peers-response; intervals and
#               advice on simulated shops with known truth;
#               bench-odds: bands and odds of plans on simulated shops with known futures;
#               bench-import: five million order lines beside a bare DuckDB load
# make clean   everything that the three above made, but no shop data

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: run test bench bench-board bench-forecast bench-response bench-odds bench-import clean chromium

PYTHON ?= python3
PYTEST_ARGS ?=
BIN := .venv/bin
CHROMIUM ?= $(firstword $(shell command -v chromium chromium-browser google-chrome))
export CHROMIUM
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Installs a Debian package where that is allowed without asking; else says how.
define debian
root=(); if [ "$$(id -u)" != 0 ]; then root=(sudo -n); fi; \
if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then \
  echo "Installing $(1) with apt-get"; \
  "$${root[@]}" apt-get update -qq && "$${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); \
else \
  echo "$(2)" >&2; exit 1; \
fi
endef

run: .venv/.runtime
	@store="$${SHOPPLAN_DB:-data/shop.duckdb}"; [ -e "$$store" ] || $(BIN)/python -m shopplan demo
	@exec $(BIN)/python -m shopplan serve

test: .venv/.dev chromium
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m 'not browser and not nightly' -n 2 --dist loadfile $(PYTEST_ARGS)
	$(BIN)/pytest -m browser -n 2 --dist worksteal $(PYTEST_ARGS)

bench: .venv/.dev
	$(BIN)/python -m benchmarks

bench-board: .venv/.dev chromium
	$(BIN)/python -m benchmarks.bench_board

bench-forecast: .venv/.dev .peers/.made
	PEERS_PYTHON=.peers/bin/python OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.bench_forecast

bench-response: .venv/.dev .peers-response/.made
	PEERS_PYTHON=.peers-response/bin/python OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.bench_response

bench-odds: .venv/.dev
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.bench_odds

bench-import: .venv/.dev
	$(BIN)/python -m benchmarks.bench_import

.peers/.made: benchmarks/requirements-peers.txt
.peers-response/.made: benchmarks/requirements-response-peers.txt
.peers/.made .peers-response/.made:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet -r $<
	@touch $@

clean:
	rm -rf .venv .peers .peers-response .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made once; packages are installed again only when a requirements file changed.
.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { $(call debian,python3-venv,Python cannot make environments here. On Debian or Ubuntu: sudo apt-get install python3-venv); }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: requirements.txt | .venv/.made
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

chromium:
	@[ -n "$$CHROMIUM" ] && [ -x "$$CHROMIUM" ] || command -v chromium >/dev/null || \
	  { $(call debian,chromium,The browser tests need Chromium. On Debian: sudo apt-get install chromium. Elsewhere name one with: make CHROMIUM=/path/to/chrome test); }
