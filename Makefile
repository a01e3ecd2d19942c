# Everything that a developer or the CI does with this repository. `make` alone says what
# there is.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -X cagnotte/internal/version.Version=$(VERSION)
FOLDERS := $(wildcard cmd internal test)

# go fix says how the language of today would write something. One of its analyzers is
# off: it replaces each short chain of += by a strings.Builder, which reads worse.
FIX := go fix -stringsbuilder=false

# Two packages at a time: each of them runs its own tests in parallel on two databases.
TESTFLAGS := -race -p 2 -timeout 25m

.PHONY: help build run check test tests bench prove clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/cagnotte: one static program
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/cagnotte ./cmd/cagnotte

run: build ## build, and serve a shop with demo data on http://127.0.0.1:8090
	bin/cagnotte demo --data data/demo --addr 127.0.0.1:8090

check: ## gofmt, go vet and go fix have nothing to say
	@test -z "$$(gofmt -l $(FOLDERS) | tee /dev/stderr)" || { echo 'check: gofmt -w the files above' >&2; exit 1; }
	@go vet ./...
	@$(FIX) -diff ./... || { echo 'check: $(FIX) ./... makes the changes above' >&2; exit 1; }

test: ## check, then every test on SQLite and on a PostgreSQL that is started for them
	@test/with-postgres.sh $(MAKE) --no-print-directory tests

# The checks count as one more test, so that the tests run whatever the checks say.
tests: bin/tally
	@checks=0; $(MAKE) --no-print-directory check || checks=1; \
	go test $(TESTFLAGS) -json ./... 2>&1 | bin/tally -failed $$checks

bin/tally: test/tally/main.go
	@mkdir -p bin
	@go build -o $@ ./test/tally

bench: build ## measure the product against the raw database beside it
	@CAGNOTTE_POSTGRES_MEMORY=1GB CAGNOTTE_POSTGRES_WAL=8GB test/with-postgres.sh go run ./test/bench

prove: bin/tally ## the large forms of the tests: more members, more orders, longer histories
	@CAGNOTTE_PROVE=1 test/with-postgres.sh go test -count=1 -p 1 -timeout 120m -json ./... | bin/tally

clean: ## remove what was built; data stays
	rm -rf bin
