# The commands of this project. What is more than a line of shell lives in .ci/.
.DEFAULT_GOAL := help
.PHONY: help run demo doctor test fmt lint docs bench clean

OUT ?= out
VENV := .venv/bin

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, start Viva, print the links
	@exec .ci/start serve

demo: ## Hold a whole interview with a simulated candidate; the recording goes to OUT=out
	@exec .ci/start demo --out "$(OUT)"

doctor: ## Say what is configured, reachable and missing
	@exec .ci/start doctor

test: ## Check format, lint, types, security, and run the suite; FAST=1: without browser and models
	@exec .ci/test

fmt: ## Format the code
	@.ci/ensure-environment --tools
	$(VENV)/black .
	$(VENV)/ruff check --fix .

lint: ## Check format, lint, types and security, without the tests
	@exec .ci/test --no-tests

docs: ## Bring the generated documents up to date
	@.ci/ensure-environment
	$(VENV)/python -m docs.generators.asyncapi docs/asyncapi.yaml
	$(VENV)/python -m docs.generators.asyncapi_monitor docs/asyncapi-monitor.yaml
	$(VENV)/python -m docs.generators.turn_taking
	$(VENV)/python -m docs.generators.modules
	$(VENV)/python -m docs.generators.models

bench: ## List the benches; NAME=latency runs one, NAME="turns DIR --quick" with its options
	@.ci/ensure-environment --tools
	@exec $(VENV)/python -m bench $(NAME)

clean: ## Remove the environment and every cache; interviews in .viva stay
	rm -rf .venv .viva/tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov dist out
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
