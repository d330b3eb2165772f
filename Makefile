# The README's commands. `make case` and `make test` set up from nothing.
# On Windows there is no make: see "On Windows" in the README.

VENV := .venv
BIN := $(VENV)/bin
CASE := spamouflage-2024

.PHONY: case test lab bench check lock clean

case: $(VENV)/.ready
	@$(BIN)/casebook run $(CASE)

lab: $(VENV)/.ready
	@$(BIN)/casebook lab $(CASE)

test: $(VENV)/.ready-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.ready-dev
	@$(BIN)/python -m benchmarks

check: $(VENV)/.ready
	@$(BIN)/casebook check $(CASE)
	@$(BIN)/casebook verify $(CASE)

# uv where it is present, else venv and pip. Both install from the lock, hashes checked.
$(VENV)/.ready: requirements.lock pyproject.toml
	@sh scripts/setup $(VENV) requirements.lock
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@sh scripts/setup $(VENV) requirements-dev.lock
	@touch $@

# For maintainers, with uv: hashes, no addresses, one file for all systems and Pythons.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet --group build
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) reports/$(CASE) data/$(CASE)/tables
