# The project's commands. `make demo` and `make test` work on a fresh machine with Python 3.11 or newer and make.

VENV := .venv
READY := $(VENV)/.ready

.PHONY: demo test check setup lock bench faults chart image clean

demo: $(READY)  ## set up, then the main job end to end on embedded parts
	@$(VENV)/bin/modbot demo

# Tests with real processes mostly wait for the forum's limit: three files at a time, with none of the others beside them.
test: $(READY)  ## set up, then every test this machine can run; names what it skipped and why
	@$(VENV)/bin/pytest -rs -m "not processes" --numprocesses auto --dist worksteal
	@$(VENV)/bin/pytest -rs -m processes --numprocesses 3 --dist loadfile

# Half an hour; smaller with, for example, FAULTS="--events 1000 --kills 20 --restarts 2 --seed 7".
faults: $(READY)  ## the tests with real processes, then 10,000 events through 200 kills, then code that breaks promises
	@$(VENV)/bin/pytest -rs -m processes
	@$(VENV)/bin/python -m tests.faults long $(FAULTS)
	@$(VENV)/bin/python -m tests.faults mutations

bench: $(READY)  ## measurements beside named peers, into bench/RESULTS.md (ten minutes)
	@$(VENV)/bin/python -m bench --write

check: $(READY)  ## format, lint, types, import contracts, known vulnerabilities
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/python -m tests.audit

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
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra embedded --extra otel --group dev --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock

# The chart's tools have a set-up of their own: 60 MB that only this target needs.
chart: .venv-chart/.programs  ## lint, render and validate the Helm chart; try alerts and dashboard with Prometheus
	@$(VENV)/bin/pytest -rs --numprocesses auto --dist loadfile tests/chart tests/operations tests/image/test_dockerfile.py

.venv-chart/.ready: helm/tools.lock | $(READY)
	@set -e; echo "setting up .venv-chart"; rm -rf .venv-chart; $(VENV)/bin/python -m venv .venv-chart; \
	.venv-chart/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r helm/tools.lock; \
	touch .venv-chart/.ready

# Prometheus' programs are in no wheel: where there is apt, they are unpacked from Debian's packages. PACKAGE/PROGRAM.
PROGRAMS := prometheus/prometheus prometheus/promtool prometheus-alertmanager/amtool

# What cannot be had is told and tried again by the next `make chart`; the tests that need it are skipped.
.venv-chart/.programs: .venv-chart/.ready
	@cd .venv-chart; missing=; for one in $(PROGRAMS); do \
	  package=$${one%/*}; program=$${one#*/}; \
	  if command -v $$program >/dev/null || [ -x bin/$$program ]; then continue; fi; \
	  ( rm -rf debian $${package}_*.deb; \
	    { apt-get download $$package || { apt-get update && apt-get download $$package; }; } && \
	    dpkg -x $${package}_*.deb debian && cp debian/usr/bin/$$program bin/ && rm -r debian $${package}_*.deb \
	  ) >>apt.log 2>&1 || missing="$$missing $$program"; \
	done; \
	if [ -z "$$missing" ]; then touch .programs; \
	else echo "not found:$$missing (Debian: apt-get install prometheus prometheus-alertmanager; .venv-chart/apt.log says more)"; fi

# Needs root and Debian's buildah, podman, runc and debootstrap, and says so. The base is made once, in .image (1 GB).
image: $(READY)  ## build the image without a daemon, and run the demo's story in it
	@$(VENV)/bin/python -m tests.image.building
	@$(VENV)/bin/pytest -rs tests/image

clean:  ## remove the set-up and every cache
	rm -rf $(VENV) .venv-chart .image .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
