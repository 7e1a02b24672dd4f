# One verb per habit. Each works alone on a fresh machine, and a second call installs nothing again.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.requirements-installed
DEV    := $(VENV)/.requirements-dev-installed
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
FAST   := not slow and not e2e
# Two workers of one thread each: small operators gain nothing from more threads, and the counts stay stable.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help run setup format check test bench study clean chromium peers

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN) ## start the dashboard
	$(BIN)/streamlit run dashboard/app.py

setup: $(DEV) ## make .venv with the development tools

format: $(DEV) ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: $(DEV) ## format, lint, types, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(PYTEST) -q -m "$(FAST)"

test: $(DEV) chromium peers ## every test, the browser's and those against public packages included
	$(PYTEST) -q

bench: $(DEV) ## time our methods beside public packages
	$(BIN)/python -m benchmarks

# Into a store of its own: this machine's history stays as it is.
study: $(DEV) ## record the sample study of data/studies again, on this machine
	folder=$$(mktemp -d) && ATTN_CORE_HOME=$$folder $(BIN)/python -m attn_core sweep --methods all \
	  --lengths 256,512,1024,2048,4096,8192 --seconds 1 --name "All methods, forward" \
	  --json data/studies/speed-cpu.json; rm -rf "$$folder"

# Into a folder of their own: their pins are not ours.
peers: $(DEV)
	@$(BIN)/python -c "from benchmarks.packages import install; install()"

clean: ## remove the environment and every cache
	rm -rf $(VENV) .bench-venv .peers build ./*.egg-info .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch goes in first, alone: packages that depend on it then find the right build in place.
$(RUN): requirements.txt | $(BIN)/python
	$(PIP) "$$(head -n 1 requirements.txt)"
	$(PIP) -r requirements.txt
	touch $@

$(DEV): requirements-dev.txt pyproject.toml $(RUN)
	$(PIP) -r requirements-dev.txt
	$(PIP) --editable .
	touch $@

# The distribution's own browser: one command, and security updates come with the system's.
chromium:
	@command -v chromium > /dev/null || { \
	  sudo=$$(test "$$(id -u)" = 0 || echo sudo); \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium; }
