# Two commands on a fresh machine: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-long check format clean
.DEFAULT_GOAL := demo

# The stamps hold the set-up: pip runs again only when pyproject.toml changes. A new pip takes half
# the time of the one that comes with Python 3.11, and shows setuptools' warnings, which are not for
# whoever sets up. It compiles with one core, which is half of its time; compileall takes all of
# them, and leaves what doesn't compile.
.venv/installed: WHAT = .
.venv/installed-test: WHAT = .[test]
.venv/installed .venv/installed-test: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25'
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --editable '$(WHAT)'
	$(BIN)/python -m compileall -qq -j 0 -x '/tests/' .venv/lib || true
	touch $@

demo: .venv/installed
	$(BIN)/sketchy demo

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -n 2

# Two processes take the tests file by file, so that each file starts one server or cluster; the
# longest come first (tests/conftest.py), and the short ones even out.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations 25

test: check
	$(PYTEST) -m "not long"

# Whatever can be killed, lost or filled up, the README's journeys and the notebooks.
test-long: .venv/installed-test
	$(PYTEST) -m long

format: .venv/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
