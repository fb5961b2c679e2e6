# Two commands are all the set-up: make demo, make test. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
LOCKED := --quiet --generate-hashes --no-header --no-emit-index-url --no-annotate

.PHONY: help install demo test bench serve lint kernels format docs lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "koga needs Python 3.11 or later: make PYTHON=python3.11 …"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test: .venv/run requirements-test.lock requirements-data.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements-data.lock
	@touch $@

install: .venv/run  ## the product into .venv; leaves .venv/bin/koga

demo: install  ## a fictional city: books, two signed releases, the site and the desk
	$(BIN)/koga demo --port $(PORT)

serve: install  ## the desk over the books of this folder
	$(BIN)/koga serve --port $(PORT)

test: .venv/test  ## everything: style, types, import directions, all tests
	$(BIN)/python tests/need_chromium.py
	$(MAKE) --no-print-directory -j2 lint kernels
	$(BIN)/python -m pytest -n 2 --dist loadgroup koga tests

bench: .venv/test  ## speed as ratios, one JSON line a measure
	$(BIN)/python -m bench

lint: .venv/test  ## ruff, mypy, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

kernels: .venv/run  ## the simulator compiled, once for all that will run it
	$(BIN)/koga simulate schemes/koga-500.toml --paths 64 --seed 1 --json > /dev/null

format: .venv/test  ## let ruff lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/test  ## regenerate the generated reference pages
	$(BIN)/python docs/generate.py

lock: .venv/test  ## resolve the dependencies anew into the three lock files
	$(BIN)/uv pip compile pyproject.toml --extra build $(LOCKED) --upgrade -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra test $(LOCKED) \
		-c requirements.lock -o requirements-test.lock
	$(BIN)/uv pip compile --group test-data --no-deps $(LOCKED) --upgrade -o requirements-data.lock

clean:  ## remove what was built
	rm -rf .venv var build
