# Everything a developer does goes through here; `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

SWIFT ?= swift
PREFIX ?= /usr
DESTDIR ?=
UNITS ?= $(PREFIX)/lib/systemd/system
# journalctl looks nowhere else, and the shells have places of their own below PREFIX.
CATALOG ?= /usr/lib/systemd/catalog
BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
FISH_COMPLETIONS ?= $(PREFIX)/share/fish/vendor_completions.d
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

# For speed, where the daemon is built for size; apart from it, or each would be compiled anew after the other. Exclusive
# access to memory is checked by the tests, which run the same worlds.
SIMULATE_FLAGS = -c release --static-swift-stdlib --scratch-path .build/simulate -Xswiftc -enforce-exclusivity=unchecked
SIMULATE = .build/simulate/release/simulate

.PHONY: help catalog deps static-libraries build test check format-check import-check mutants-check deploy-check schema-check metrics page fmt release emulator linkage simulate oracle mutants soak test-system conformance bench demo install install-keyturn install-emulator deb clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

deps: ## Install the Debian packages that building needs, when they are missing
	@Tests/System/install-packages

build: deps ## Build everything, for debugging
	$(SWIFT) build

# Few at a time: what shares two threads with all others waits for its turn, and meets a timeout where a machine is slow.
TEST_WIDTH = $(shell $(SWIFT) test --help-hidden 2>/dev/null | grep -q -e --experimental-maximum-parallelization-width && \
	echo --experimental-maximum-parallelization-width 8)

test: deps ## Run all tests
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --parallel $(TEST_WIDTH)

check: deps format-check import-check linkage mutants-check deploy-check schema-check metrics ## All that CI looks at besides the tests

format-check:
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

# The mutants have to keep up with the sources.
mutants-check:
	@Tests/System/mutants --check

# Manuals, completions, the unit and the package keep up with the commands.
deploy-check: import-check
	@Tests/System/install-packages check
	Tests/System/check-deploy "$$($(SWIFT) build --show-bin-path)"

# Each module imports only what its target declares, so that imports point downward only.
import-check:
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error

# Editors and the reader agree on what a configuration is.
schema-check: import-check
	@Tests/System/install-packages check
	Tests/System/check-schema "$$($(SWIFT) build --show-bin-path)"

metrics: deps ## Have Prometheus's own tools look at metrics, alert rules and dashboard
	@$(SWIFT) build --product keyturn
	@$(SWIFT) build --product acs-emulator
	@Tests/System/metrics

page: deps ## Look at the status page in a headless Chromium (PAGE_SCREENSHOTS=directory keeps pictures)
	@$(SWIFT) build --product keyturn
	@$(SWIFT) build --product acs-emulator
	@Tests/System/page

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

emulator: static-libraries ## Build the stripped emulator .build/acs-emulator
	$(SWIFT) build $(RELEASE_FLAGS) --product acs-emulator
	strip -o .build/acs-emulator .build/release/acs-emulator

linkage: release
	Tests/System/check-linkage .build/release/keyturn .build/keyturn

simulate: ## Try to break the laws in simulated worlds (SEEDS=, YEARS=, LIMIT= seconds, FIRST= seed)
	$(SWIFT) build $(SIMULATE_FLAGS) --product simulate
	$(SIMULATE) run --seeds $(SEEDS) --years $(YEARS) --limit $(LIMIT) $(if $(FIRST),--first $(FIRST))

oracle: deps ## Compare calendar expressions with systemd-analyze (COUNT=, SEED=)
	ORACLE_COUNT=$(COUNT) $(if $(SEED),ORACLE_SEED=$(SEED)) $(SWIFT) test --filter OracleTests

mutants: static-libraries ## Plant bugs one by one; the simulation has to find each (SEEDS=, LIMIT= seconds for each)
	SEEDS=$(SEEDS) YEARS=$(YEARS) LIMIT=$(if $(filter 0,$(LIMIT)),600,$(LIMIT)) Tests/System/mutants $(NAMES)

# Also the reason codes of the manual page, between the comments that enclose them there.
MANUAL = deploy/usr/share/man/man8/keyturn.8
catalog: deps ## Make the journal's message catalog anew from Sources/EventCatalog
	$(SWIFT) build --product keyturn
	.build/debug/keyturn catalog > deploy/usr/lib/systemd/catalog/keyturn.catalog
	.build/debug/keyturn catalog --format man > .build/reasons.man
	sed -i -e '/^\.\\" reason codes: begin/,/^\.\\" reason codes: end/ { /reason codes:/ !d }' \
		-e '/^\.\\" reason codes: begin/ r .build/reasons.man' $(MANUAL)

soak: release emulator ## Kill the release binaries and fail their system calls for MINUTES=2 minutes
	Tests/System/soak $(MINUTES)

test-system: deb ## Install the package in booted systemds and test it there, as root (ONLY=name, SYSTEMD=252, JOBS=2)
	@Tests/System/install-packages system
	Tests/System/test-system

conformance: deps ## Run Azure's official SDKs against the emulator and the daemon (ONLY=test_wire, ROTATIONS=100, JOBS=2)
	@$(SWIFT) build --product keyturn
	@$(SWIFT) build --product acs-emulator
	@Tests/Conformance/run $(ONLY)

bench: release ## Measure memory and wakeups of the idle daemon, and its answers to 10,000 resources
	$(SWIFT) build --product acs-emulator
	Tests/System/bench

demo: deps ## Watch keys of an emulated Azure turn (SECONDS=20 ends by itself)
	@$(SWIFT) build --product keyturn
	@$(SWIFT) build --product acs-emulator
	@DEMO_PORT=$(DEMO_PORT) Tests/System/demo $(SECONDS)

install: install-keyturn ## Install what `make release` built, as deploy/ mirrors it (DESTDIR=, PREFIX=)

# Every file of deploy/usr but what is the emulator's; the paths in the unit and in the manuals follow PREFIX.
install-keyturn: staged-keyturn
	install -D -m 0755 .build/keyturn $(DESTDIR)$(PREFIX)/bin/keyturn
	cd deploy/usr && find share -type f ! -name 'acs-emulator*' -printf '%P\n' | while read -r file; do \
		install -D -m 0644 "share/$$file" "$(DESTDIR)$(PREFIX)/share/$$file"; done
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/lib/sysusers.d deploy/usr/lib/sysusers.d/*.conf
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/lib/tmpfiles.d deploy/usr/lib/tmpfiles.d/*.conf
	install -D -m 0644 -t $(DESTDIR)$(UNITS) deploy/usr/lib/systemd/system/*.service
	[ "$(PREFIX)" = /usr ] || sed -i 's#/usr/\(bin\|share/doc\)/keyturn#$(PREFIX)/\1/keyturn#' \
		$(DESTDIR)$(UNITS)/keyturn.service $(DESTDIR)$(PREFIX)/share/man/man8/keyturn.8
	for file in deploy/usr/lib/systemd/catalog/*.catalog; do [ ! -e "$$file" ] || \
		install -D -m 0644 -t $(DESTDIR)$(CATALOG) "$$file"; done
	install -D -m 0644 .build/completions/keyturn.bash $(DESTDIR)$(BASH_COMPLETIONS)/keyturn
	install -D -m 0644 .build/completions/keyturn.zsh $(DESTDIR)$(ZSH_COMPLETIONS)/_keyturn
	install -D -m 0644 .build/completions/keyturn.fish $(DESTDIR)$(FISH_COMPLETIONS)/keyturn.fish
	install -D -m 0644 .build/NOTICE $(DESTDIR)$(PREFIX)/share/doc/keyturn/NOTICE
	install -D -m 0644 .build/keyturn.schema.json $(DESTDIR)$(PREFIX)/share/keyturn/keyturn.schema.json
	install -d -m 0755 $(DESTDIR)/etc/keyturn/conf.d
	test -e $(DESTDIR)/etc/keyturn/keyturn.yaml || install -m 0644 config/keyturn.yaml $(DESTDIR)/etc/keyturn/keyturn.yaml

install-emulator: staged-acs-emulator ## Install the emulator, too
	install -D -m 0755 .build/acs-emulator $(DESTDIR)$(PREFIX)/bin/acs-emulator
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man1 deploy/usr/share/man/man1/acs-emulator.1
	install -D -m 0644 .build/completions/acs-emulator.bash $(DESTDIR)$(BASH_COMPLETIONS)/acs-emulator
	install -D -m 0644 .build/completions/acs-emulator.zsh $(DESTDIR)$(ZSH_COMPLETIONS)/_acs-emulator
	install -D -m 0644 .build/completions/acs-emulator.fish $(DESTDIR)$(FISH_COMPLETIONS)/acs-emulator.fish
	install -D -m 0644 .build/NOTICE $(DESTDIR)$(PREFIX)/share/doc/acs-emulator/NOTICE

# What the binaries make: completions, the schema, and the notices of the packages that are linked into them.
staged-%:
	@test -x .build/$* || { echo "run 'make release' first"; exit 1; }
	@mkdir -p .build/completions
	@set -e -o pipefail; for shell in bash zsh fish; do \
		.build/$* --generate-completion-script $$shell | sed '1{/^#!/d}' >.build/completions/$*.$$shell; done
	@test $* != keyturn || .build/keyturn schema >.build/keyturn.schema.json
	@cat .build/checkouts/*/NOTICE.txt >.build/NOTICE

deb: release emulator ## Build the Debian packages in .build/deb
	@Tests/System/install-packages deb
	Tests/System/build-deb

clean: ## Remove everything that was built
	rm -rf .build .demo
