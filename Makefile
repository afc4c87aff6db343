# Every command by name; CI calls the same. Bare `make` lists them.

CLIENTS := crates/sandbox/tests/clients
TOOLS := target/tools/bin
export PATH := $(CURDIR)/$(TOOLS):$(CURDIR)/$(CLIENTS)/node_modules/.bin:$(PATH)
# Snapshots are written by hand or by `cargo insta`, never by a test run.
export INSTA_UPDATE ?= no

.PHONY: help run test lint fmt bench doc picture tools

help: ## List these targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: ## Start the sandbox and print its URL
	cargo run

test: tools ## Install what the tests lack (browser, Postgres, clients), then run them all
	cargo test --workspace --locked

lint: tools ## Format, clippy, docs, contract, dependencies, GraphQL documents, prose rules
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --workspace --no-deps --document-private-items --locked --quiet
	cd proto && buf lint && buf format --diff --exit-code
	@cargo fetch --locked --quiet # Those of other systems too, which no build asks for.
	cargo deny --offline check --hide-inclusion-graph bans licenses sources
	node $(CLIENTS)/validate-graphql.mjs crates/deploy/src/github/queries
	scripts/check-walls

fmt: ## Format everything
	cargo fmt --all
	cd proto && buf format --write

bench: tools ## Measure calls, latency, memory, GitHub's limits and Slack's traffic against the simulators; fails when a bound is missed (tables, target/bench*.json)
	cargo build --release --workspace --bins --locked
	cargo bench --workspace --bench commands --bench slack --locked --no-run
	@sync # What the build wrote is not written while it is measured.
	cargo bench --workspace --bench commands --bench slack --locked --no-fail-fast

doc: ## Build the documentation of all crates
	cargo doc --workspace --no-deps --document-private-items --locked

picture: tools ## Renew docs/sandbox.png, which a browser test takes
	cargo test --workspace --locked --test it others::on_sqlite::the_deploy_dialog
	cp target/tmp/screenshots/dialog-03-deployed.png docs/sandbox.png

tools: ## Install what tests and lints need and this machine lacks
	@scripts/install-tools
