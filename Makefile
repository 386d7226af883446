# Everything that is made stays in the checkout: .venv (the dependencies) and .tools (uv and its cache).
PYTHON ?= python3
CODE := bot digests scripts storage tests
export UV_CACHE_DIR ?= $(CURDIR)/.tools/cache
export UV_PYTHON_DOWNLOADS := never
# As git and Python do; uv's own list would leave out an organisation's certificates.
export UV_SYSTEM_CERTS ?= true
# Other projects' environments are not to be filled or warned about.
unexport UV_PROJECT_ENVIRONMENT VIRTUAL_ENV
# What was compiled is kept (beside the code, until make clean): the tests start many processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL: # the gate's steps go in order even with -j, and its closing line is pytest's
.PHONY: help setup run sandbox test check lint types unit audit bench bench-long docs texts screenshots format clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup: .venv/.ready ## Install everything into .venv (the other targets do it when needed)

run: .venv/.ready ## Start the bot, or the sandbox when no Discord token is set
	@.venv/bin/broadsheet run --or-sandbox

sandbox: .venv/.ready ## Start the bot in the sandbox, without Discord
	@.venv/bin/broadsheet sandbox

test: lint types unit ## Run the whole gate: lint, types and unit

check: test ## The same as test

lint: .venv/.ready ## Check the formatting and the style (ruff)
	.venv/bin/ruff format --check $(CODE)
	.venv/bin/ruff check $(CODE)

types: .venv/.ready ## Check the types (mypy)
	.venv/bin/mypy

unit: .venv/.ready ## Run the tests, and see how much of the code they reach (pytest)
	.venv/bin/pytest --cov --numprocesses auto

audit: .venv/.ready ## Look for faults of what deploys it, risky code and known faults of the libraries (needs promtool)
	@command -v promtool >/dev/null || { echo "promtool isn't here: apt-get install prometheus"; exit 1; }
	@uv=$$($(PYTHON) scripts/get_uv.py) && export UV_PROJECT_ENVIRONMENT=.tools/audit && \
		"$$uv" sync --quiet --frozen --only-group audit --python "$$(command -v $(PYTHON))" && \
		"$$uv" export --quiet --frozen --no-dev --all-extras --no-emit-project -o .tools/requirements.txt
	.tools/audit/bin/hadolint Dockerfile
	.tools/audit/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml deploy/compose.cluster.yaml
	.tools/audit/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml
	promtool check rules deploy/alerts.yml
	promtool test rules tests/alerts.yml
	scripts/rehearse_operations.sh --check
	.tools/audit/bin/bandit --quiet --recursive --configfile pyproject.toml bot digests storage
	.tools/audit/bin/pip-audit --disable-pip --requirement .tools/requirements.txt

docs: .venv/.ready ## Write the documents anew that are made of the code
	.venv/bin/python -m scripts.write_seed_schema
	.venv/bin/python -m scripts.write_commands

texts: .venv/.ready ## Write down every text for people, and merge it into the translations
	.venv/bin/python -m scripts.write_texts

bench: .venv/.ready ## Measure how fast things are, as ratios, and how good searches (takes minutes)
	.venv/bin/python -m tests.bench.reload
	.venv/bin/python -m tests.bench.ingest
	.venv/bin/python -m tests.bench.hostile
	.venv/bin/python -m tests.bench.feeds
	.venv/bin/python -m tests.bench.search_quality
	.venv/bin/python -m tests.bench.lookups
	.venv/bin/python -m tests.bench.delivery
	.venv/bin/python -m tests.bench.loop
	.venv/bin/python -m tests.bench.shards
	.venv/bin/python -m tests.bench.editions
	.venv/bin/python -m tests.bench.choices
	.venv/bin/python -m tests.bench.messages
	.venv/bin/python -m tests.bench.copies
	.venv/bin/python -m tests.bench.topics
	.venv/bin/python -m tests.bench.quality
	.venv/bin/python -m tests.bench.judging
	.venv/bin/python -m tests.bench.clustering
	.venv/bin/python -m tests.bench.start

bench-long: .venv/.ready ## Measure what takes long: many processes, killed and frozen; PostgreSQL (more than an hour)
	.venv/bin/python -m tests.bench.cluster
	.venv/bin/python -m tests.bench.cluster --postgres
	.venv/bin/python -m tests.bench.copying
	.venv/bin/python -m tests.bench.postgres

screenshots: .venv/.ready ## Make the pictures of the docs anew (needs Chromium)
	.venv/bin/python -m tests.browser.screenshots docs/images
	.venv/bin/python -m tests.browser.readme docs

format: .venv/.ready ## Format the code and fix what ruff can fix
	.venv/bin/ruff check --fix-only $(CODE)
	.venv/bin/ruff format $(CODE)

clean: ## Remove everything that make has made; settings and data stay
	rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is touched last, so that a set-up cut short is taken up again the next time.
.venv/.ready: pyproject.toml uv.lock $(wildcard bot/locale/*/LC_MESSAGES/*.po)
	@uv=$$($(PYTHON) scripts/get_uv.py) && \
		"$$uv" sync --frozen --extra sandbox --python "$$(command -v $(PYTHON))"
	@.venv/bin/python -m scripts.compile_texts
	@touch $@
