# The two commands of the README: `make run` and `make test`. Everything else serves them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.stamp
PEERS  := sip-tester rtpengine-daemon baresip-core tshark chromium fonts-noto-cjk postgresql linphone-cli espeak-ng

# Where bytecode must not be written every one of the hundreds of processes that the tests start compiles us anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev peers run test quick check format bench demo clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP)-venv: 
	@echo "[1/4] virtual environment ($(PYTHON))"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(STAMP)-run: $(STAMP)-venv pyproject.toml
	@echo "[2/4] Python packages, with the speech models (about 500 MB, a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(STAMP)-dev: $(STAMP)-venv pyproject.toml # with those of the service, in one go
	@echo "[2/4] Python packages, with the speech models and those for the tests (about 600 MB, two minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)-run $@

setup: $(STAMP)-run ## install everything that the service needs
	@echo "[3/4] speech models: join, verify, fit to digits (a minute or two, once)"
	@$(BIN)/hotline models fetch
	@echo "[4/4] web pages"
	@$(BIN)/python -m hotline.web_build

setup-dev: $(STAMP)-dev setup peers

peers: # Debian packages that the tests talk to: real SIP phones, a browser, a database
	@missing=""; for p in $(PEERS); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then echo "installing$$missing"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  else echo "not installed:$$missing — tests that need them will be skipped (run as root to install)"; fi; fi

run: setup ## the service with demo data; Ctrl-C ends it
	@exec $(BIN)/hotline up --demo

demo: setup ## the main job, proven step by step
	@$(BIN)/hotline demo

test: setup-dev ## all tests, with real peers, in two processes; those of vosk in one of their own
	@$(BIN)/python -m pytest -n 2
	@$(BIN)/python -m pytest -m vosk

quick: setup-dev ## the tests without models, peers and browser (under 2 minutes)
	@$(BIN)/python -m pytest -m 'not slow and not e2e'

check: $(STAMP)-dev ## format, lint, types, floors, quick tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q -m 'not slow and not e2e'

format: ## let ruff format and mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: bench-switch bench-flood bench-web_phone bench-acd bench-asr bench-char_times bench-digits bench-offline bench-listening bench-confidence bench-vad bench-crosstalk bench-written_form bench-punctuation bench-assist bench-wall ## all benches

bench-%: $(STAMP)-dev
	@$(BIN)/python -m bench.$*

clean: ## what the service wrote stays; what can be built again goes
	@rm -rf $(VENV) build *.egg-info web/node_modules web/dist desk/static
