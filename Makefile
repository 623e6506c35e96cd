# Each target is a script in bin/. ARGS goes to the script: make test ARGS='-k sign_off'
.DEFAULT_GOAL := help
.PHONY: run test faults check bench fmt help

run: ## set everything up and serve the demo on http://127.0.0.1:8000 (PORT=8001 changes the port)
	@PORT=$(PORT) bin/run

test: ## run all tests, on SQLite and on PostgreSQL (ARGS='-k sign_off' chooses some)
	@bin/test $(ARGS)

faults: ## break a running service in many ways and tell what was lost (FAULT_RUNS=20, ARGS='-k row_22')
	@bin/faults $(ARGS)

check: ## lint, types, layers, templates, migrations, deployment
	@bin/check

bench: ## run the benchmarks
	@bin/bench $(ARGS)

fmt: ## format Python, and mend what the linter can
	@bin/fmt

help: ## show this
	@sed -n 's/^\([a-z]*\): ## /  make \1  \t/p' Makefile
