# Every target makes or reuses the project's own environment, so a fresh clone needs python3 and make.

PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

# Stamps are named after contents, not times: touching a file costs nothing, moving the folder is
# noticed. docs/why/001-environment.md says why it is pip that installs.
key = $(shell (cat $(1) 2>/dev/null; echo "$(CURDIR)") | cksum | tr ' ' -)
PACKAGES := .venv/.packages-$(call key,locks/dev.txt)
PROJECT := .venv/.project-$(call key,pyproject.toml)
PEERS := .venv-bench/.packages-$(call key,locks/bench.txt)
SPARK := .venv-spark/.packages-$(call key,locks/spark.txt)

# A half-made or foreign environment is made again: its Python must be new enough and see a package.
works = $(shell $(1)/bin/python -c 'import sys; from importlib.util import find_spec; \
	print(*("yes" for found in [find_spec("$(2)")] if found and sys.version_info >= (3, 11)))' 2>/dev/null)

packages = $(1)/bin/python -m pip --disable-pip-version-check install --quiet --no-input \
	--only-binary :all: --require-hashes
besides = sed '/^$(1)==/,/\# via/d' $(2)

# The stamp goes first and comes back last, so an interrupted run never looks finished. A package
# that has no wheel is named third: it is built by what the same lock brings, installed before it.
define environment
	@found=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null); \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "make: Python 3.11 or newer is needed, $(PYTHON) is $${found:-missing}; name another with PYTHON=" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo "make: $(PYTHON) lacks venv and ensurepip; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@test -f $(2) || { echo "make: $(2) is missing: git checkout $(2)" >&2; exit 1; }
	@echo "making $(1) from $(2), once for each change of it"
	@rm -f $(1)/.packages-* $(1)/.project-*
	@rm -rf $(1)
	@$(PYTHON) -m venv $(1)
	$(if $(3),@$(call besides,$(3),$(2)) > $(1)/wheels.txt && \
		$(packages) --requirement $(1)/wheels.txt)
	@$(packages) $(if $(3),--no-binary $(3) --no-build-isolation) --requirement $(2)
	@touch $@
endef

# JAVA_HOME names the one that Spark takes, and PATH does otherwise.
define java
	@found=$$("$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -version 2>&1 | \
		sed -n 's/.* version "\([0-9]*\).*/\1/p'); \
	test "$${found:-0}" -ge 17 || { echo "make: Spark needs Java 17 or newer, java is" \
		"$${found:-missing}; on Debian and Ubuntu: apt install openjdk-17-jre-headless;" \
		"name another with JAVA_HOME=" >&2; exit 1; }
endef

$(PACKAGES): $(if $(call works,.venv,pydantic),,.again)
	$(call environment,.venv,locks/dev.txt)

$(PROJECT): $(PACKAGES)
	@rm -f .venv/.project-*
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-input \
		--no-deps --no-build-isolation --editable .
	@touch $@

$(PEERS): $(if $(call works,.venv-bench,pydantic),,.again)
	$(call environment,.venv-bench,locks/bench.txt)

$(SPARK): $(if $(call works,.venv-spark,pyspark),,.again)
	$(call java)
	$(call environment,.venv-spark,locks/spark.txt,pyspark)

.PHONY: .again
.again:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

.PHONY: env
env: $(PROJECT) ## make the environment in .venv, or reuse it
	@:

.PHONY: demo
demo: env ## ask, break and prove applications on a scratch folder
	@$(BIN)/mainstem demo

# One run makes both pictures, so what the README shows was measured together.
.PHONY: pictures
pictures: env ## renew the pictures of the README by a demo (needs chromium)
	@command -v chromium > /dev/null || \
	{ echo "make: a browser takes the picture of a page; on Debian: apt install chromium" >&2; exit 1; }
	@$(BIN)/mainstem demo --folder demo
	@cp demo/rebuild.svg docs/rebuild.svg
	@chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,740 \
		--screenshot=docs/diff.png "file://$(CURDIR)/demo/diff.html" 2> /dev/null
	@echo "docs/rebuild.svg and docs/diff.png are of this run"

.PHONY: test
test: env ## run every test, in parallel and in random order
	@$(BIN)/pytest --numprocesses auto --dist worksteal

# Checkers wait on different things, so two run side by side; each one's output stays in one piece.
sync := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: check
check: env ## all that follows, side by side, in under a minute
	@$(MAKE) --no-print-directory --keep-going --jobs=2 $(sync) \
		check-types check-domains check-lint check-tests

.PHONY: check-lint
check-lint: env ## ruff: format and lint
	@$(BIN)/ruff format --check --quiet --diff && $(BIN)/ruff check --quiet || \
	{ echo "mend with: $(BIN)/ruff check --fix; $(BIN)/ruff format" >&2; exit 1; }

.PHONY: check-types
check-types: env ## mypy --strict, everywhere
	@$(BIN)/mypy

.PHONY: check-domains
check-domains: env ## pyright, strict, on domains/
	@$(BIN)/basedpyright

# A disk's syncs are what `make test` waits for; these tests' files lie in memory, where there is room.
memory = $(shell df --output=avail /dev/shm 2>/dev/null | awk '$$1 > 2000000 { print "TMPDIR=/dev/shm" }')

.PHONY: check-tests
check-tests: env ## every test that isn't marked slow: import rules, limits, expected type errors
	@$(memory) $(BIN)/pytest --numprocesses auto -m "not slow"

.PHONY: agree
agree: env ## compare the evaluators on 50,000 generated histories
	@$(BIN)/python -m tests.agreement.run --examples 50000

.PHONY: soak
soak: env ## kill it 200 times under load, and check that nothing is lost
	@$(BIN)/python -m tests.soak.run --kills 200

.PHONY: bench
bench: $(PEERS) ## measure against peers, side by side (in .venv-bench)
	@.venv-bench/bin/python -m benchmarks

.PHONY: env-spark
env-spark: env $(SPARK) ## make the environment of Spark in .venv-spark, or reuse it
	$(call java)

.PHONY: spark
spark: env-spark ## fold every view with Spark, and compare (in .venv-spark; needs Java)
	@$(BIN)/pytest tests/spark

# Java and Maven are looked for by what fetches it: it needs a newer Java than Spark does.
.PHONY: trino
trino: env ## fold every view with Trino, and compare (in .trino; needs Java 24 and Maven)
	@$(BIN)/python -m tests.trino.fetch
	@$(BIN)/pytest tests/trino

resolve = $(BIN)/uv pip compile $(2) --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" --output-file $(1)

# Pins that still fit stay; to raise them all, delete the files first.
.PHONY: lock
lock: ## resolve locks/ anew from pyproject.toml
	@test -x $(BIN)/uv || $(MAKE) --no-print-directory env
	@$(call resolve,locks/dev.txt,pyproject.toml) --group dev
	@$(call resolve,locks/bench.txt,pyproject.toml) --group bench --constraint locks/dev.txt
	@$(call resolve,locks/spark.txt) --group spark

.PHONY: clean
clean: ## remove the environments and what tools left behind
	@rm -rf .venv .venv-bench .venv-spark .trino .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
