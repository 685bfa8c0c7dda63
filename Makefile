# Evergreen. `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
STAY ?= 1
# the longest first, so that no core is left with one of them at the end
LONGEST := tests/faults tests/integration tests/contract/training tests/contract/delivery tests/browser
SERVERS := $(LONGEST) $(filter-out $(LONGEST) tests/contract/__pycache__,$(patsubst %/,%,$(wildcard tests/contract/*/)))
PEERS := .bench/training/envs
LOCKS := tests/benchmarks/training/peers
# a module is compiled once, not in each of the many processes that import it
unexport PYTHONDONTWRITEBYTECODE
export EVERGREEN_HOME ?= $(CURDIR)/.evergreen

demo: export EVERGREEN_PROFILE ?= demo
demo: $(VENV)/.installed  ## set everything up, start it, and tell the whole story; STAY=0 ends after it
	@$(BIN)/evergreen demo $(if $(filter 0,$(STAY)),--leave,)

up: $(VENV)/.installed  ## start everything, without the story; Ctrl-C stops it
	@$(BIN)/evergreen up

down:  ## stop what `make up` or `make demo` started, from another terminal
	@$(BIN)/evergreen down

test: $(VENV)/.installed-dev unit  ## every test that fits in minutes: unit, contract, DAGs, faults, a real scheduler, a browser
	@echo "the tests with servers, a core each: about a quarter of an hour on two"
	@$(BIN)/python -m pytest -q -n auto --dist loadscope --no-loadscope-reorder -m "not long" $(SERVERS)

long: $(VENV)/.installed-dev  ## the tests that take long: each candidate on each task, all use cases by a real scheduler
	@$(BIN)/python -m pytest -m long tests -q

unit: $(VENV)/.installed-dev  ## the unit tests: fast, no servers
	@$(BIN)/python -m pytest tests/unit tests/dags -q -n auto

faults: $(VENV)/.installed-dev  ## kill processes at ten seeded moments and compare what is left (minutes)
	@EVERGREEN_FAULT_SEEDS=10 $(BIN)/python -m pytest tests/faults -q

bench: $(VENV)/.installed-dev  ## the benchmarks, beside `make up` in another terminal; they print ratios and assert nothing
	@for file in tests/benchmarks/bench_*.py; do PYTHONPATH=include:tests $(BIN)/python $$file || exit 1; done

bench-training: $(VENV)/.installed-dev $(addprefix $(PEERS)/,$(addsuffix /.installed,flaml autogluon optuna_lightgbm))  ## training beside FLAML, AutoGluon and Optuna: hours, goes on where it stopped; ARGS=--help
	@PYTHONPATH=include:tests $(BIN)/python -m benchmarks.training $(ARGS)

bench-gate: $(VENV)/.installed-dev  ## simulate how often the gate promotes what is no better, and what is (a quarter of an hour)
	@PYTHONPATH=include $(BIN)/python tests/benchmarks/bench_gate.py

fit-any: $(VENV)/.installed-dev  ## `evergreen fit` on 60 package data sets, and which do not beat the baseline; a quarter of an hour, goes on where it stopped
	@PYTHONPATH=include:tests $(BIN)/python -m benchmarks.fit_any $(ARGS)

lint: $(VENV)/.installed-dev  ## ruff, mypy strict on the library, the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.installed .docs/.installed  ## the docs site, into .docs/site; a broken link, or a reference page that is stale, fails
	@$(BIN)/python -m evergreen.cli.reference --check docs/reference
	@rm -rf .docs/source && cp -r docs .docs/source && cp CHANGELOG.md .docs/source/changelog.md && rm .docs/source/requirements.*
	@.docs/venv/bin/zensical build --clean --strict
	@echo 'to read it: $(BIN)/python -m http.server -b 127.0.0.1 -d .docs/site 8008'

reference: $(VENV)/.installed  ## write docs/reference anew, after an edit of the YAML's models or of a command
	@$(BIN)/python -m evergreen.cli.reference docs/reference

install: $(VENV)/.installed  ## the environment, from the pinned and hash-checked lock

lock:  ## resolve the locks anew (needs uv)
	uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-header -o requirements.txt
	uv pip compile docs/requirements.in --python-version 3.11 --generate-hashes --no-header -o docs/requirements.txt
	uv pip compile pyproject.toml --extra dev -c requirements.txt --python-version 3.11 --generate-hashes --no-header -o requirements-dev.txt

clean:  ## stop everything and throw this instance's state away (the environment stays)
	@if [ -x $(BIN)/evergreen ]; then $(BIN)/evergreen down; fi
	@rm -rf "$(EVERGREEN_HOME)"

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 10

# --no-deps: the lock names every package already, less one that this project leaves out (docs/decisions/0001).
$(VENV)/.installed: requirements.txt pyproject.toml
	@echo "installing the environment into $(VENV) (once)"
	@[ -x $(UV) ] || $(MAKE) -s own-uv
	@[ -x $(BIN)/python ] || $(UV) venv -q --python 3.11 $(VENV)
	@$(UV) pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements.txt
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	@[ -x $(UV) ] || $(MAKE) -s own-uv
	@echo "installing the test tools into $(VENV) (once)"
	@$(UV) pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

# The site's tool has an environment of its own: nothing that runs depends on what it needs.
.docs/.installed: docs/requirements.txt $(VENV)/.installed
	@echo "installing the docs site's tool into .docs/venv (once)"
	@$(UV) venv -q --clear --python $(BIN)/python .docs/venv
	@$(UV) pip install -q --python .docs/venv/bin/python --no-deps --require-hashes -r docs/requirements.txt
	@touch $@

# Without uv on the PATH pip installs the lock's uv, which takes seconds where pip takes minutes. An environment that uv
# made has no pip; `venv` puts it in.
own-uv:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --force-reinstall --no-deps --require-hashes -r <(awk '/^[a-z]/ {uv = /^uv==/} uv' requirements.txt)

# The peers' environments are their own: what they need is no part of the product. TORCH=<folder with the CPU wheel of
# autogluon_torch.txt> gives AutoGluon its neural networks too; PyTorch's wheel in the index brings gigabytes of CUDA.
$(PEERS)/autogluon/.installed: LOCK = $(LOCKS)/$(if $(TORCH),autogluon_torch.txt --find-links $(TORCH),autogluon.txt)
$(PEERS)/%/.installed: LOCK = $(LOCKS)/$*.txt
$(PEERS)/%/.installed: $(LOCKS)/%.txt $(VENV)/.installed
	@echo "installing the environment of $* into $(@D) (once)"
	@$(UV) venv -q --clear --python $(BIN)/python $(@D)
	@$(UV) pip install -q --python $(@D)/bin/python --no-deps --require-hashes -r $(LOCK)
	@touch $@

.PHONY: own-uv docs reference demo up down test unit faults bench bench-gate bench-training fit-any lint install lock clean help
