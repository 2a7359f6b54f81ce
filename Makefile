# Two commands matter: `make run` (the demo, from nothing) and `make test` (everything that CI runs).
# Each check of `make test` is a target of its own. Nothing is installed outside .venv.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LAUNCH := $(PY) -m config.launcher
INSTALL := $(PY) -m pip install -qq --disable-pip-version-check --require-hashes --no-compile
PORT ?= 8000
export PORT

.PHONY: help run test lint fmt fmt-check types imports migrations messages translations docs-check deploy-check pytest \
        bench canary guards effort handbook lock clean-data manage mail code backup restore-test
.DEFAULT_GOAL := help

help:
	@echo "make run               start the demo on this machine (PORT=8000); Ctrl-C stops it"
	@echo "make code U=ana        code of a demo account's second factor"
	@echo "make mail              what the demo has mailed"
	@echo "make manage C='...'    a command of Django on the demo's data"
	@echo "make backup            a sealed backup of the demo's data, into TO=.local/backups"
	@echo "make restore-test F=…  prove that this backup can be restored; asks for the code of its month"
	@echo "make clean-data        remove the demo's data, keys included"
	@echo "make test              lint fmt-check types imports translations docs-check migrations deploy-check pytest"
	@echo "make pytest            all tests, in two workers (WORKERS=2)"
	@echo "make pytest T=...      only these tests, for example T='tests/cases -k overdue'"
	@echo "make bench             measure; one JSON object a line"
	@echo "make canary            unique strings in every sealed field, searched for everywhere else; one JSON object a line"
	@echo "make guards            take each refusal of the database's functions out once; a test has to notice (ONLY=walls; hours)"
	@echo "make effort            count actions and seconds of the daily jobs; one JSON object a line"
	@echo "make handbook          take the pictures of docs/handbook and of the README anew (needs Chromium)"
	@echo "make fmt               format code and templates"
	@echo "make messages          bring the texts of code and templates into locale/"
	@echo "make lock              resolve requirements*.txt anew (needs uv)"

# --- Environment: made once, renewed when a lock file changes ---------------------------------
$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Sidro needs Python 3.11 or newer as '$(PYTHON)'; choose one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "This Python cannot make environments; install it with: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock | $(PY)
	@echo "Installing requirements.lock (about half a minute) ..." >&2
	@$(INSTALL) -r requirements.lock >&2
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock | $(PY)
	@echo "Installing requirements-dev.lock (about a minute) ..." >&2
	@$(INSTALL) -r requirements-dev.lock >&2
	@touch $(VENV)/run.stamp $@

# --- The demo ---------------------------------------------------------------------------------
run: $(VENV)/run.stamp
	@exec $(LAUNCH) run

manage: $(VENV)/run.stamp
	@$(LAUNCH) exec -- python manage.py $(C)

code: $(VENV)/run.stamp
	@$(LAUNCH) exec -- python manage.py demo_code $(U)

mail: $(VENV)/run.stamp
	@$(LAUNCH) mail

backup: $(VENV)/run.stamp
	@$(LAUNCH) exec --process operator -- python manage.py backup --to $(abspath $(or $(TO),.local/backups))

restore-test: $(VENV)/run.stamp
	@$(LAUNCH) exec --process operator -- python manage.py restore_test $(abspath $(F)) $(if $(KEY),--key-file $(abspath $(KEY)))

clean-data: $(VENV)/run.stamp
	@$(LAUNCH) clean

# --- Checks -----------------------------------------------------------------------------------
test: lint fmt-check types imports translations docs-check migrations deploy-check pytest

lint: $(VENV)/dev.stamp
	$(PY) -m ruff check .

fmt: $(VENV)/dev.stamp
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .
	find templates */templates -name '*.html' 2>/dev/null | xargs -r $(VENV)/bin/djade --target-version 5.2

fmt-check: $(VENV)/dev.stamp
	$(PY) -m ruff format --check .
	find templates */templates -name '*.html' 2>/dev/null | xargs -r $(VENV)/bin/djade --target-version 5.2 --check

types: $(VENV)/dev.stamp
	$(LAUNCH) exec --check test -- python -m mypy .

imports: $(VENV)/dev.stamp
	$(LAUNCH) exec --check test -- python -c 'from importlinter.cli import lint_imports_command as run; run()' --no-cache

messages: $(VENV)/dev.stamp
	$(LAUNCH) exec --check test -- python manage.py update_translations

translations: $(VENV)/dev.stamp
	$(LAUNCH) exec --check test -- python manage.py update_translations --check

docs-check: $(VENV)/dev.stamp
	$(LAUNCH) exec --check test -- python manage.py generate_docs --check

# The warning that is silenced says that there is no server to ask; the answer lies in the files.
migrations: $(VENV)/dev.stamp
	$(LAUNCH) exec --check test -- python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

deploy-check: $(VENV)/dev.stamp
	$(LAUNCH) exec --check production -- python manage.py check --deploy --fail-level WARNING

# All of them: file by file to workers that share no server. A worker that dies fails the run, it is not replaced.
WORKERS ?= 2
SIDE_BY_SIDE := -n $(WORKERS) --dist loadfile --no-loadscope-reorder --max-worker-restart 0

pytest: $(VENV)/dev.stamp
	@.ci/run browser || export SIDRO_NO_BROWSER=1; \
	  $(LAUNCH) exec --test $(if $(T),,--workers $(WORKERS)) -- python -m pytest $(if $(T),$(T),$(SIDE_BY_SIDE))

bench: $(VENV)/dev.stamp
	@$(LAUNCH) exec --test -- python manage.py bench $(if $(ONLY),--only $(ONLY))

canary: $(VENV)/dev.stamp
	@mkdir -p .local && rm -f .local/canary && \
	  CANARY=$(CURDIR)/.local/canary $(LAUNCH) exec --test -- python -m pytest tests/canary >&2; \
	  status=$$?; cat .local/canary; exit $$status

guards: $(VENV)/dev.stamp
	@$(LAUNCH) exec --test -- python -m tests.guards $(ONLY)

effort: $(VENV)/dev.stamp
	@.ci/run browser && mkdir -p .local && rm -f .local/effort && \
	  EFFORT=$(CURDIR)/.local/effort $(LAUNCH) exec --test -- python -m pytest tests/effort >&2; \
	  status=$$?; cat .local/effort; exit $$status

handbook: $(VENV)/dev.stamp
	@.ci/run browser && HANDBOOK=$(CURDIR)/docs $(LAUNCH) exec --test -- python -m pytest tests/browser/test_handbook.py

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header requirements.txt -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header requirements-dev.txt -o requirements-dev.lock
