# `make run` and `make test` need nothing but Python 3.11 or newer, pip and make.

PYTHON ?= python3
VENV := .venv
IN_VENV := $(VENV)/bin/python
# Python compiles what it loads, the first time; to compile all there is takes five times as long.
PIP_INSTALL := install -qq --no-compile --disable-pip-version-check --require-hashes -r
# UV=uv has uv install the same files several times quicker than pip, from where uv's own settings say.
UV ?=
INSTALLER := $(if $(UV),$(IN_VENV),$(VENV)/pip.stamp)
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(IN_VENV) --require-hashes -r,$(IN_VENV) -m pip $(PIP_INSTALL))
DEVELOPING := DEBUG=1 DATA_DIR=$(VENV)/lint
LIKE_PRODUCTION := PORTAL_DOT_ENV=/dev/null DATA_DIR=$(VENV)/lint DEBUG= AWS_SANDBOX= \
	SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ \
	ALLOWED_HOSTS=portal.example.com BASE_URL=https://portal.example.com \
	REDIS_URL=redis://127.0.0.1:6379/0 EMAIL_URL=smtp://127.0.0.1:25
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url

LINTS := lint-mypy lint-style lint-bandit lint-django

.PHONY: run test lint $(LINTS) format bench faults soak mutants screenshots licenses sbom lock
.DELETE_ON_ERROR:

run: $(VENV)/sandbox.stamp
	@exec $(IN_VENV) manage.py run

test: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests $(ARGS)

lint: $(VENV)/dev.stamp
	@$(MAKE) --no-print-directory --jobs=2 $(LINTS)

lint-mypy: $(VENV)/dev.stamp
	$(DEVELOPING) $(VENV)/bin/mypy .

lint-style: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

lint-bandit: $(VENV)/dev.stamp
	$(VENV)/bin/bandit -q -c pyproject.toml -r portal onboarding billing manage.py

lint-django: $(VENV)/dev.stamp
	$(DEVELOPING) $(IN_VENV) manage.py makemigrations --check --dry-run
	$(LIKE_PRODUCTION) $(IN_VENV) manage.py check --deploy --fail-level WARNING

format: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# Ratios of docs/performance.md, all out of one run on this machine; ARGS="pages memory" takes some alone.
bench: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests.bench $(ARGS)

# Every fault of the promise "nothing lost, nothing twice"; ARGS="--short --only kill --seed 7".
faults: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests.faults $(ARGS)

# Ten minutes of mixed work with all faults at random; ARGS="--minutes 2 --seed 7".
soak: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests.faults.soak $(ARGS)

# Takes each guard away in turn, in a copy, and shows which test turns red; ARGS="--only audit" some alone.
mutants: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests.mutants $(ARGS)

# The pictures of the README, by a browser before the real processes and the sample company.
screenshots: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests.screenshots $(ARGS)

# What everything in the production lock is licensed under; fails on what cannot go with the MIT licence.
licenses: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests.licenses

# What is in the production lock, as CycloneDX: the same lock gives the same bytes.
sbom: $(VENV)/dev.stamp
	@exec $(IN_VENV) -m tests.sbom

# The locks of requirements/ out of pyproject.toml; LOCK=--upgrade takes newer versions.
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv, in an environment of its own."; exit 1; }
	$(COMPILE) pyproject.toml $(LOCK) --extra embedded --group dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml $(LOCK) --extra embedded -c requirements/dev.txt -o requirements/sandbox.txt
	$(COMPILE) pyproject.toml $(LOCK) -c requirements/dev.txt -o requirements/prod.txt
	echo pip | $(COMPILE) - $(LOCK) -o requirements/pip.txt
	echo uv | $(COMPILE) - $(LOCK) -o requirements/uv.txt

# Same versions in all three locks, so whichever is installed second takes nothing away.
$(VENV)/sandbox.stamp: requirements/sandbox.txt | $(INSTALLER)
	@echo "Installing what the portal needs …"
	@$(INSTALL) $<
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(INSTALLER)
	@echo "Installing what the portal and its tests need …"
	@$(INSTALL) $<
	@touch $@ $(VENV)/sandbox.stamp

# The same pip for everybody: those that come with Python 3.11 take twice as long.
$(VENV)/pip.stamp: requirements/pip.txt | $(IN_VENV)
	@if $(IN_VENV) -m pip --version >/dev/null 2>&1; \
		then $(IN_VENV) -m pip $(PIP_INSTALL) $<; \
		else $(PYTHON) -m pip --python $(IN_VENV) $(PIP_INSTALL) $<; fi
	@touch $@

# This Python's pip, where it has one, serves the new environment too: sooner than a pip of its own is made.
$(IN_VENV):
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Name a Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The portal needs Python 3.11 or newer, and $(PYTHON) is none. Name one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $$($(PYTHON) -m pip --version >/dev/null 2>&1 && echo --without-pip) $(VENV)
