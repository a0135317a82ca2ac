# The project's commands. `make demo` and `make test` work on a fresh machine with Python 3.11 or newer and make.

VENV := .venv
READY := $(VENV)/.ready

.PHONY: demo test check setup lock bench faults chart clean

demo: $(READY)  ## set up, then the main job end to end on embedded parts
	@$(VENV)/bin/modbot demo

test: $(READY)  ## set up, then every test this machine can run; names what it skipped and why
	@$(VENV)/bin/pytest -rs

faults: $(READY)  ## only the tests that kill, freeze and restart real processes
	@$(VENV)/bin/pytest -rs -m processes

bench: $(READY)  ## measurements beside named peers
	@$(VENV)/bin/python -m bench

check: $(READY)  ## format, lint, types, import contracts
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

setup: $(READY)  ## the set-up alone; .venv/bin/modbot then runs

# Python 3.12 and 3.11 come first because the embedded Redis has wheels for these.
$(READY): requirements.lock pyproject.toml
	@set -e; \
	for python in "$$PYTHON" python3.12 python3.11 python3 python; do \
	  [ -n "$$python" ] || continue; \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	[ -n "$$found" ] || { echo "modbot needs Python 3.11 or newer with venv; none was found. Install one (Debian: apt-get install python3-venv) or set PYTHON=/path/to/python3"; exit 1; }; \
	echo "setting up $(VENV) with $$($$found --version)"; \
	rm -rf $(VENV); $$found -m venv $(VENV); \
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	touch $(READY)

# Needs uv; prints no index address into the file.
lock:  ## pin the newest releases that pyproject.toml admits, with hashes
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra embedded --group dev --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

# The chart's tools have a set-up of their own: 60 MB that only this target needs.
chart: .venv-chart/.ready  ## lint, render and validate the Helm chart
	@$(VENV)/bin/pytest -rs tests/chart

.venv-chart/.ready: helm/tools.lock | $(READY)
	@set -e; echo "setting up .venv-chart"; rm -rf .venv-chart; $(VENV)/bin/python -m venv .venv-chart; \
	.venv-chart/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r helm/tools.lock; \
	touch .venv-chart/.ready

clean:  ## remove the set-up and every cache
	rm -rf $(VENV) .venv-chart .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
