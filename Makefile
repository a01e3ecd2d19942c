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

# The race detector watches our code and all libraries but one: SQLite, which is C that was
# translated. There it costs most of the time of all tests; `make races` watches it, too
# (docs/decisions/0050-what-make-test-costs.md).
RACE := -race -gcflags=modernc.org/...=-race=false

# Two packages at a time: each of them runs its own tests in parallel on two databases.
TESTFLAGS := $(RACE) -p 2 -timeout 60m

# What takes longest begins first, so that no processor waits for it at the end.
LONGEST := ./test/browser ./internal/upkeep ./test/faults ./test/reference ./internal/web/admin ./internal/imports

.PHONY: help build run generate check test tests bench prove races clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/cagnotte: one static program
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/cagnotte ./cmd/cagnotte

run: build ## build, and serve demo data on http://127.0.0.1:8090, and a web shop to try it with on :8091
	bin/cagnotte demo --data data/demo --addr 127.0.0.1:8090

# The tools that write code are a module of their own: they do not pull the product's versions
# around. What they write is in the repository, so that `go build` needs nothing else.
TOOL    := go tool -modfile=tools/go.mod
BUNDLE  := $(TOOL) esbuild --bundle --minify --log-level=warning --charset=utf8 --outdir=internal/web/assets/dist
BROWSER := --target=es2022,chrome111,safari16.4,firefox115

generate: ## write anew what is made from templates, style sheets and scripts
	@$(TOOL) templ generate -log-level=error
	@$(BUNDLE) --target=chrome123,safari17.5,firefox120 frontend/*.css
	@$(BUNDLE) $(BROWSER) frontend/*.ts

# digest stands for everything that generate writes.
digest = find internal -name '*_templ.go' -o -path '*/assets/dist/*' | sort | xargs sha256sum | sha256sum

check: ## gofmt, go vet and go fix have nothing to say
	@test -z "$$(gofmt -l $(FOLDERS) | tee /dev/stderr)" || { echo 'check: gofmt -w the files above' >&2; exit 1; }
	@go vet ./...
	@was=$$($(digest)); $(MAKE) --no-print-directory generate; [[ $$was == "$$($(digest))" ]] || { echo 'check: make generate changed files; commit them' >&2; exit 1; }
	@$(FIX) -diff ./... || { echo 'check: $(FIX) ./... makes the changes above' >&2; exit 1; }

test: ## check, then every test: on SQLite, on a PostgreSQL that is started for them, in a browser
	@test/with-browser.sh test/with-postgres.sh $(MAKE) --no-print-directory tests

# The checks count as one more test, so that the tests run whatever the checks say.
tests: bin/tally
	@checks=0; $(MAKE) --no-print-directory check || checks=1; \
	go test $(TESTFLAGS) -json $(LONGEST) ./... 2>&1 | bin/tally -failed $$checks

bin/tally: test/tally/main.go
	@mkdir -p bin
	@go build -o $@ ./test/tally

bench: build ## measure the product against the raw database beside it
	@CAGNOTTE_POSTGRES_MEMORY=1GB CAGNOTTE_POSTGRES_WAL=8GB test/with-postgres.sh go run ./test/bench

prove: bin/tally ## the large forms of the tests: more members, more orders, longer histories
	@CAGNOTTE_PROVE=1 test/with-browser.sh test/with-postgres.sh go test -count=1 -p 1 -timeout 120m -json ./... | bin/tally

races: bin/tally ## every test again, with the race detector inside SQLite, too
	@test/with-browser.sh test/with-postgres.sh go test -race -count=1 -p 2 -timeout 120m -json ./... | bin/tally

clean: ## remove what was built; data stays
	rm -rf bin
