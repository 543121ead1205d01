# Everything a developer does goes through here; `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

SWIFT ?= swift
PREFIX ?= /usr
DESTDIR ?=
# How long `make demo` runs; 0: until Ctrl-C.
SECONDS ?= 0
# The port of the demo's emulator.
DEMO_PORT ?= 17480
# What `make simulate` runs: worlds, years of each, a limit in seconds (0: none), the first seed (empty: at random).
SEEDS ?= 10000
YEARS ?= 5
LIMIT ?= 0
FIRST ?=
# How many expressions `make oracle` compares, and the seed they are made of.
COUNT ?= 20000
SEED ?=
# How long `make soak` takes.
MINUTES ?= 2
# 1: a warning in our own code fails the build.
export KEYTURN_WARNINGS_AS_ERRORS ?= 1

SOURCES = Package.swift Sources Tests
# Only the static forms of the C++ library and zlib are in here, so that they are taken: the binary needs neither. (-L
# through swiftc, because what -Xlinker adds comes after the system's directories.)
STATIC_LIBRARIES = $(CURDIR)/.build/static-libraries
RELEASE_FLAGS = -c release --static-swift-stdlib --disable-local-rpath -Xswiftc -Osize \
	-Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs -Xlinker --no-export-dynamic \
	-Xlinker --gc-sections -Xswiftc -L$(STATIC_LIBRARIES)

.PHONY: help deps static-libraries build test check format-check import-check mutants-check metrics fmt release linkage simulate oracle mutants soak bench demo install clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

deps: ## Install the Debian packages that building needs, when they are missing
	@Tests/System/install-packages

build: deps ## Build everything, for debugging
	$(SWIFT) build

test: deps ## Run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --parallel

check: deps format-check import-check linkage mutants-check metrics ## Format, warnings, imports, linkage and metrics, as CI does

format-check:
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

# The mutants have to keep up with the sources.
mutants-check:
	@Tests/System/mutants --check

# Each module imports only what its target declares, so that imports point downward only.
import-check:
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error

metrics: deps ## Have Prometheus's own tools look at metrics, alert rules and dashboard
	@$(SWIFT) build --product keyturn
	@$(SWIFT) build --product acs-emulator
	@Tests/System/metrics

fmt: ## Format the sources
	$(SWIFT) format format --in-place --recursive --parallel $(SOURCES)

static-libraries: deps
	@mkdir -p $(STATIC_LIBRARIES)
	@ln -sf "$$(gcc -print-file-name=libstdc++.a)" "$$(gcc -print-file-name=libz.a)" $(STATIC_LIBRARIES)

release: static-libraries ## Build the stripped binary .build/keyturn
	$(SWIFT) build $(RELEASE_FLAGS) --product keyturn
	strip -o .build/keyturn .build/release/keyturn
	@printf '%s: %s bytes (%s MB)\n' .build/keyturn "$$(stat -c %s .build/keyturn)" \
		"$$(( $$(stat -c %s .build/keyturn) / 1000000 ))"

linkage: release
	Tests/System/check-linkage .build/release/keyturn .build/keyturn

simulate: static-libraries ## Try to break the laws in simulated worlds (SEEDS=, YEARS=, LIMIT= seconds, FIRST= seed)
	$(SWIFT) build $(RELEASE_FLAGS) --product simulate
	.build/release/simulate run --seeds $(SEEDS) --years $(YEARS) --limit $(LIMIT) $(if $(FIRST),--first $(FIRST))

oracle: deps ## Compare calendar expressions with systemd-analyze (COUNT=, SEED=)
	ORACLE_COUNT=$(COUNT) $(if $(SEED),ORACLE_SEED=$(SEED)) $(SWIFT) test --filter OracleTests

mutants: static-libraries ## Plant bugs one by one; the simulation has to find each (SEEDS=, LIMIT= seconds for each)
	SEEDS=$(SEEDS) YEARS=$(YEARS) LIMIT=$(if $(filter 0,$(LIMIT)),600,$(LIMIT)) Tests/System/mutants $(NAMES)

soak: release ## Kill the release binaries and fail their system calls for MINUTES=2 minutes
	$(SWIFT) build $(RELEASE_FLAGS) --product acs-emulator
	Tests/System/soak $(MINUTES)

bench: release ## Measure memory and wakeups of the idle daemon
	$(SWIFT) build --product acs-emulator
	Tests/System/bench

demo: deps ## Watch keys of an emulated Azure turn (SECONDS=20 ends by itself)
	@$(SWIFT) build --product keyturn
	@$(SWIFT) build --product acs-emulator
	@DEMO_PORT=$(DEMO_PORT) Tests/System/demo $(SECONDS)

install: ## Install the release binary and the unit (DESTDIR=, PREFIX=)
	@test -x .build/keyturn || { echo "run 'make release' first"; exit 1; }
	install -D -m 0755 .build/keyturn $(DESTDIR)$(PREFIX)/bin/keyturn
	install -D -m 0644 deploy/usr/lib/systemd/system/keyturn.service $(DESTDIR)$(PREFIX)/lib/systemd/system/keyturn.service
	install -D -m 0644 deploy/usr/lib/sysusers.d/keyturn.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/keyturn.conf
	install -D -m 0644 deploy/usr/share/man/man5/keyturn.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/keyturn.yaml.5
	test -e $(DESTDIR)/etc/keyturn/keyturn.yaml || install -D -m 0644 config/keyturn.yaml $(DESTDIR)/etc/keyturn/keyturn.yaml

clean: ## Remove everything that was built
	rm -rf .build .demo
