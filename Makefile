# `make demo`, `make test` and `make docs` do everything. They set up .venv by themselves;
# later runs need no network and take seconds.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test test-postgres test-cluster docs check stub sanitize format check-format-native format-native clean

demo: $(STAMP)
	$(BIN)/songrnn demo

# `make test COVERAGE=yes` also measures which lines and branches the tests reach, and takes a quarter longer.
test: $(STAMP)
	$(if $(COVERAGE),$(BIN)/coverage erase)
	$(BIN)/$(if $(COVERAGE),coverage run -m )pytest -q -n auto
	$(if $(COVERAGE),$(BIN)/coverage combine -q && $(BIN)/coverage report)

# The site for reading from the disk; a warning, such as a link that leads nowhere, is an error.
SITE := build/site
docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "to read: $(SITE)/index.html"

check: $(STAMP) docs check-format-native
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@mkdir -p build
	$(WRITE_STUB) build/_native.pyi
	@cmp build/_native.pyi $(STUB) || { echo "$(STUB) is not that of the engine here: make stub" >&2; exit 1; }
	$(BIN)/pytest -q tests/test_architecture.py tests/test_documents.py

# The types of the engine. They are kept, so that mypy and editors know them where no engine could be built.
STUB := src/songrnn/_native.pyi
WRITE_STUB = $(BIN)/python -m nanobind.stubgen -q -m songrnn._native -o
stub: $(STAMP)
	$(WRITE_STUB) $(STUB)

# The tests of the tunebook with PostgreSQL, which is installed and started for them.
test-postgres: $(STAMP)
	scripts/test-postgres $(BIN)/python

# The tests of --ray with a cluster of two nodes on loopback, one of which is killed. Ray is installed for them: with its
# dependencies 240 MB, half a minute; the tests take 40 seconds of processors. One that waits for four minutes ends them all,
# with what every thread was doing.
CLUSTER := .venv/.installed-cluster
test-cluster: $(CLUSTER)
	SONGRNN_TEST_CLUSTER=1 timeout --kill-after=20 900 $(BIN)/python -m pytest -q tests/cluster \
	  -o faulthandler_timeout=240 -o faulthandler_exit_on_timeout=true

# The extra alone: installing songrnn with it would build the engine again.
EXTRA = import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["cluster"])
$(CLUSTER): $(STAMP)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --disable-pip-version-check -q $$($(BIN)/python -c '$(EXTRA)')
	touch $@

# The engine built without a warning, and its tests, which end at the first memory error or undefined behaviour (GCC or Clang).
SANITIZED := build/sanitize
sanitize: $(STAMP)
	$(BIN)/cmake -S native -B $(SANITIZED) -G Ninja -DCMAKE_MAKE_PROGRAM=$(CURDIR)/$(BIN)/ninja -DSONGRNN_SANITIZE=ON \
	  -DSONGRNN_WERROR=ON \
	  -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python -Dnanobind_DIR=$$($(BIN)/python -m nanobind --cmake_dir)
	$(BIN)/cmake --build $(SANITIZED)
	LD_PRELOAD=$$($${CXX:-c++} -print-file-name=libasan.so):$$($${CXX:-c++} -print-file-name=libubsan.so) \
	  ASAN_OPTIONS=detect_leaks=0 SONGRNN_TEST_NATIVE=$(SANITIZED) \
	  $(BIN)/python -m pytest -q tests/engines/test_engine.py tests/engines/test_packed.py tests/composing/test_composer.py \
	  tests/constraints tests/composing/test_strict.py

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

NATIVE := $(wildcard native/*.cpp native/*.hpp)
check-format-native: $(STAMP)
	$(BIN)/clang-format --dry-run --Werror $(NATIVE)

format-native: $(STAMP)
	$(BIN)/clang-format -i $(NATIVE)

$(STAMP): pyproject.toml constraints.txt $(wildcard native/* src/songrnn/constraints/*.py src/songrnn/tracking/*.py)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "songrnn needs Python 3.11 or newer; $(PYTHON) is older: make PYTHON=python3.12" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --disable-pip-version-check -q -e '.[train,collections,judge,studio,postgres,docs,dev]'
	@$(BIN)/python -c 'import songrnn._native' 2>/dev/null || \
	  { echo "warning: the native engine was not built, so NumPy composes, ten to forty times slower." >&2; \
	    echo "It needs a C++17 compiler; $(BIN)/python -m pip install -v -e . says what went wrong." >&2; }
	touch $@

clean:
	rm -rf .venv demo build dist
