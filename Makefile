# Industrial Innovation Toolkit. Every target brings up its own environment (.venv) from Python 3.11+ and a package registry.
PYTHON ?= python3
COHORT ?= data/cohorts/west-yorkshire.toml
OUT ?= outputs
JOBS ?=
AREA ?=
STAGE ?=
PORT ?= 8866
SHARED ?= ../shared/data

BIN := .venv/bin
READY := .venv/.ready
ORACLES := .venv/.oracles

.DEFAULT_GOAL := help
.PHONY: help env oracles stock run serve test lint format bench data check lock clean

help:  ## Show what can be made
	@echo "Industrial Innovation Toolkit. Make one of:"
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Settings: PYTHON=$(PYTHON) COHORT=$(COHORT) OUT=$(OUT) JOBS=$(JOBS) AREA=$(AREA) STAGE=$(STAGE) PORT=$(PORT)"

# An environment that was moved with its checkout points elsewhere: have it made afresh.
ifneq ($(shell cat .venv/.place 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

env: $(READY)  ## Bring up the environment in .venv
$(READY): requirements.lock pyproject.toml tools/make-env.sh
	@bash tools/make-env.sh $(PYTHON)

oracles: $(ORACLES)  ## Add the packages that tests and benchmarks compare ours with
$(ORACLES): $(READY) tests/oracles.lock
	@bash tools/add-oracles.sh

# Always refreshed: it holds a copy of this checkout.
stock: $(READY)  ## Make .venv-stock: papermill and Voila as pip brings them, to measure ours against
	@bash tools/add-stock.sh

run: $(READY)  ## Run every stage for the default cohort and say where to look
	@$(BIN)/iitk run --cohort $(COHORT) --out $(OUT) $(if $(JOBS),--jobs $(JOBS))

serve: $(READY)  ## Serve the pages as apps on this machine
	@$(BIN)/iitk serve $(if $(AREA),--area "$(AREA)") $(if $(STAGE),--stage $(STAGE)) --port $(PORT) --out $(OUT)

test: $(ORACLES)  ## Check imports, style and types, then run every test
	@bash tools/install-chromium.sh
	@bash tools/install-nginx.sh
	$(BIN)/lint-imports --no-logo
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY)  ## Check imports, style and types
	$(BIN)/lint-imports --no-logo
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)  ## Put imports and simple faults right
	$(BIN)/ruff check --fix .

bench: $(ORACLES) stock  ## Measure ours against other packages, plain pandas and stock papermill and Voila, side by side
	@$(BIN)/python -m benchmarks --shared $(SHARED)

data: $(READY)  ## Rebuild data/official from the publishers' files in SHARED, and the record of potential
	@$(BIN)/iitk data build --from $(SHARED)
	@$(BIN)/iitk data record

check: $(READY)  ## Check the official figures again
	@$(BIN)/iitk data check

lock: $(READY)  ## Renew requirements.lock from pyproject.toml
	@bash tools/make-lock.sh

clean:  ## Remove the environment and the tools' leavings (results stay)
	rm -rf .venv .venv-stock .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
