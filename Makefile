# Two commands on a fresh machine: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format clean
.DEFAULT_GOAL := demo

# The stamps hold the set-up: pip runs again only when pyproject.toml changes.
.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-test: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

demo: .venv/installed
	$(BIN)/sketchy demo

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -n 2

# The quick tests share both cores test by test; those that start Ray or a browser, file by file, each
# file with its own server or cluster. These wait for other processes, which a busy machine can
# starve: each may try again, which pytest tells, and none may hang.
test: check
	$(BIN)/python -m pytest -q -n 2 -m 'not browser and not ray'
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m 'browser or ray' --reruns 2 --timeout 400 --durations 25

format: .venv/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
