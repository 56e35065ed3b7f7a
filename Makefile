# make help lists the targets.
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
SHELL := /bin/sh
export LC_ALL := C

# == Settings: override on the command line ====================================
CC      ?= gcc
CONFIG  ?= release#      release | debug | asan | cov
OPT     ?= #             replaces the optimisation of the configuration, e.g. -O3
JOBS    ?= $(shell nproc 2>/dev/null || echo 2)
V       ?= 0
PREFIX  ?= /usr/local
DESTDIR ?=
PKGS    := gsl jansson zlib libzstd libxxhash
# ==============================================================================

ifeq ($(origin CC),default)
CC := gcc
endif

# One folder a configuration and compiler, so that they never mix.
B ?= build/$(if $(filter gcc,$(CC)),,$(notdir $(CC))-)$(CONFIG)$(OPT)
IS_GCC := $(findstring gcc,$(shell $(CC) --version 2>/dev/null | head -1))
WARN := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion \
	-Wcast-qual -Wcast-align -Wformat=2 -Wundef -Wvla -Wwrite-strings -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wredundant-decls \
	-Wdouble-promotion -Wfloat-equal -Wswitch-enum -Wnull-dereference
ifneq ($(IS_GCC),)
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wjump-misses-init
endif

OPT.release := -O2 -g -D_FORTIFY_SOURCE=2
OPT.debug   := -Og -g3 -DSLOW_CHECKS
OPT.asan    := -O1 -g -DSLOW_CHECKS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT.cov     := -O0 -g --coverage -fprofile-update=atomic
ifeq ($(OPT.$(CONFIG)),)
$(error CONFIG=$(CONFIG) is not one of release debug asan cov)
endif

VERSION := $(shell cat VERSION)
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

# -ffp-contract=off: without it clang fuses a*b+c even in -std=c17, and results move.
CPPFLAGS += -I. -I$(B) -D_POSIX_C_SOURCE=200809L -include sim/base/ban.h $(PKG_CFLAGS)
CFLAGS   := -std=c17 -ffp-contract=off -fno-common $(OPT.$(CONFIG)) $(OPT) $(WARN) $(CFLAGS_EXTRA)
LDFLAGS  += $(filter -fsanitize=% --coverage,$(OPT.$(CONFIG)))
LDLIBS   += $(PKG_LIBS) -lglpk -lm

Q := $(if $(filter 1,$(V)),,@)

# == Files: every list is the folder, sorted ====================================
objs      = $(patsubst %.c,$(B)/%.o,$(sort $(wildcard $(1))))
BASE     := $(call objs,sim/base/*.c)
CLUSTER  := $(call objs,sim/cluster/*.c)
CORE     := $(call objs,policies/core/*.c)
SIM      := $(call objs,sim/*.c sim/workload/*.c sim/generate/*.c sim/transform/*.c sim/engine/*.c sim/report/*.c sim/study/*.c sim/plan/*.c sim/check/*.c sim/diff/*.c sim/shrink/*.c sim/cli/*.c sim/cli/commands/*.c sim/cli/trace/*.c)
POLICIES := $(call objs,policies/*.c policies/lib/*.c policies/kai/*.c policies/place/*.c)
TRACES   := $(call objs,traces/*.c)
MAIN     := $(B)/sim/main.o
LIBOBJS  := $(BASE) $(CLUSTER) $(CORE) $(filter-out $(MAIN),$(SIM)) $(POLICIES) $(TRACES)
LIB      := $(B)/libberth.a
UNITS    := $(notdir $(patsubst %/,%,$(sort $(dir $(wildcard tests/unit/*/*.c)))))
TESTLIB  := $(call objs,tests/lib/*.c)
LAWS     := $(B)/tests/laws
TESTS    := $(addprefix $(B)/tests/,$(UNITS)) $(LAWS)
FUZZERS  := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
HEADERS  := $(sort $(wildcard sim/*.h sim/*/*.h sim/*/*/*.h policies/*.h policies/*/*.h traces/*.h tests/*.h tests/*/*.h))
SOURCES  := $(sort $(wildcard sim/*.c sim/*/*.c sim/*/*/*.c policies/*.c policies/*/*.c traces/*.c tests/*/*.c tests/*/*/*.c)) $(HEADERS)
LISTS    := $(addprefix $(B)/,policy_list.inc place_list.inc format_list.inc command_list.inc trace_verb_list.inc preset_list.inc catalogue_list.inc)

.PHONY: all
all: $(B)/berth ## build the simulator

$(B)/berth: $(MAIN) $(LIB)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(LIBOBJS)
	$(Q)rm -f $@ && ar rcsD $@ $^

# The tables of policies, placement rules and trace formats are their folders. FORCE, because a file
# that is gone has no date to compare.
.PHONY: FORCE
list = @mkdir -p $(@D); printf 'ENTRY(%s)\n' $(basename $(notdir $(sort $(wildcard $(1))))) > $@.$$$$; \
	if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi
$(B)/policy_list.inc: FORCE
	$(call list,policies/*.c)
$(B)/place_list.inc: FORCE
	$(call list,policies/place/*.c)
$(B)/format_list.inc: FORCE
	$(call list,traces/*.c)
$(B)/command_list.inc: FORCE
	$(call list,sim/cli/commands/*.c)
$(B)/trace_verb_list.inc: FORCE
	$(call list,sim/cli/trace/*.c)

# The models and the catalogue that come with the program, as bytes: a string literal may be too short
# for one.
bytes = @mkdir -p $(@D); for f in $(sort $(wildcard $(2))); do \
		echo "$(1)($$(basename $$f .json), $$(od -An -v -tx1 $$f | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'))"; \
	done > $@.$$$$; if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi
$(B)/preset_list.inc: FORCE
	$(call bytes,PRESET,sim/generate/presets/*.json)
$(B)/catalogue_list.inc: FORCE
	$(call bytes,CATALOGUE,sim/cluster/catalogue/*.json)

$(B)/sim/cli/%.o: CPPFLAGS += -DBERTH_VERSION='"$(VERSION)"'
$(B)/%.o: %.c | $(LISTS)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) -MMD -MP $(CFLAGS) -c -o $@ $<

# One test program a folder. Use criterion/criterion.h only: criterion/new/assert.h trips
# -Wconversion under gcc.
.SECONDEXPANSION:
link_test = @mkdir -p $(@D); echo "  LD    $@"; \
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) -lcriterion $(LDLIBS)
$(filter-out $(LAWS),$(TESTS)): $(B)/tests/%: $$(addprefix $(B)/,$$(addsuffix .o,$$(basename $$(sort $$(wildcard tests/unit/$$*/*.c))))) $(TESTLIB) $(LIB)
	$(link_test)
$(LAWS): $(call objs,tests/contract/*.c) $(TESTLIB) $(LIB)
	$(link_test)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# == Checks =====================================================================
.PHONY: test
test: $(TESTS) $(B)/berth ## run the unit tests (CONFIG=asan to run them under the sanitizers)
	@set -e; for t in $(TESTS); do \
		BERTH=$(B)/berth ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:allocator_may_return_null=1 $$t --jobs $(JOBS) || { echo "FAILED $$t"; exit 1; }; \
	done

.PHONY: laws
laws: $(LAWS) ## every policy against its laws, on many more worlds than in test
	BERTH_LAWS=full $< --jobs $(JOBS)

.PHONY: check
check: format-check layers headers test fuzz-replay golden schedules cli-test crash-test storm-test alone determinism ## what must pass before a commit
	@$(MAKE) CONFIG=asan test fuzz-replay
	@$(MAKE) CC=clang all golden

$(B)/tests/intervals/intervals: $(call objs,tests/intervals/*.c) $(LIB)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/tests/plans/plans: $(call objs,tests/plans/*.c) $(LIB)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
.PHONY: plan-study
plan-study: $(B)/tests/plans/plans ## are plans right? formulas of queues, and 200 studies in which everything is tried
	$(Q)PLAN=$< results/plan/make.sh
STORM_FROM ?= 1
STORM_WORLDS ?= 1000000
$(B)/tests/storm/storm: $(call objs,tests/storm/*.c) $(LIB)
	@mkdir -p $(@D); echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
.PHONY: mutants
mutants: $(B)/tests/storm/storm $(B)/berth ## bugs planted one by one, and found by the storm
	$(Q)tests/storm/mutants.sh
.PHONY: storm storm-test
storm: $(B)/tests/storm/storm ## STORM_WORLDS random worlds from the seed STORM_FROM on, under every check
	$< $(STORM_FROM) $(STORM_WORLDS)
storm-test: $(B)/tests/storm/storm ## a few of them
	$(Q)$< 1 5000
.PHONY: coverage-study
coverage-study: $(B)/tests/intervals/intervals ## are intervals honest? 1,000 experiments on queues with known answers
	$(Q)INTERVALS=$< results/intervals/make.sh

# Corpora are folders named like the targets; a saved input that once failed stays there.
REPLAYS := $(patsubst %,$(B)/fuzz/%-replay,$(FUZZERS))
$(REPLAYS): $(B)/fuzz/%-replay: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: fuzz-replay fuzz
fuzz-replay: $(REPLAYS) ## run the fuzz targets over their saved inputs
	@set -e; for f in $(FUZZERS); do $(B)/fuzz/$$f-replay tests/fuzz/corpus/$${f#fuzz_}/*; done

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(FUZZERS)
FUZZ_LIB := $(filter-out sim/main.c,$(sort $(wildcard sim/*.c sim/*/*.c sim/*/*/*.c policies/*.c policies/*/*.c traces/*.c)))
build/fuzz/libberth.a: $(FUZZ_LIB) $(HEADERS) | $(LISTS)
	@$(MAKE) CC=clang CONFIG=asan B=build/fuzz CFLAGS_EXTRA=-fsanitize=fuzzer-no-link $@.objs
build/fuzz/libberth.a.objs: $(patsubst %.c,$(B)/%.o,$(FUZZ_LIB))
	$(Q)rm -f build/fuzz/libberth.a && ar rcsD build/fuzz/libberth.a $^
fuzz: build/fuzz/libberth.a ## fuzz each of FUZZ_TARGETS for FUZZ_SECONDS with clang's libFuzzer
	$(Q)set -e; for f in $(FUZZ_TARGETS); do \
		name=$${f#fuzz_}; mkdir -p build/fuzz/found/$$name; \
		clang $(CPPFLAGS) -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
			-o build/fuzz/$$f tests/fuzz/$$f.c build/fuzz/libberth.a $(LDLIBS); \
		build/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 -rss_limit_mb=4096 \
			-print_final_stats=1 -verbosity=0 -artifact_prefix=build/fuzz/$$name- \
			build/fuzz/found/$$name tests/fuzz/corpus/$$name; \
	done

.PHONY: schedules
schedules: $(B)/berth ## compare with published schedules, job by job
	$(Q)BERTH=$(B)/berth results/schedules/make.sh
	$(Q)BERTH=$(B)/berth results/gavel/make.sh
	$(Q)BERTH=$(B)/berth results/fgd/make.sh
	$(Q)BERTH=$(B)/berth results/shockwave/make.sh

.PHONY: format format-check
format: ## format every file
	$(Q)clang-format -i $(SOURCES)
format-check: ## fail on a file that is not formatted
	$(Q)clang-format --dry-run --Werror $(SOURCES)

.PHONY: layers
layers: ## fail on an include that crosses a layer
	$(Q)scripts/check-layers.sh

.PHONY: headers
headers: | $(LISTS) ## every header compiles alone
	$(Q)set -e; for h in $(HEADERS); do echo "#include \"$$h\"" | $(CC) $(CPPFLAGS) $(CFLAGS) -x c -fsyntax-only -; done

.PHONY: crash-test check-crash
crash-test: $(B)/berth ## runs that are interrupted, killed, and refused by the system
	$(Q)BERTH=$(B)/berth KILLS=5 tests/crash/run.sh
	$(Q)BERTH=$(B)/berth KILLS=6 tests/crash/resume.sh
	$(Q)BERTH=$(B)/berth KILLS=6 tests/crash/plan.sh
check-crash: $(B)/berth ## the same with 200 kills, and 200 more of runs that are resumed
	$(Q)BERTH=$(B)/berth KILLS=200 tests/crash/run.sh
	$(Q)BERTH=$(B)/berth KILLS=200 tests/crash/resume.sh
	$(Q)BERTH=$(B)/berth KILLS=200 tests/crash/plan.sh

.PHONY: cli-test check-hostile golden determinism
cli-test: $(B)/berth ## command lines and what they must answer
	$(Q)BERTH=$(B)/berth tests/cli/run.sh
	$(Q)BERTH=$(B)/berth HOSTILE=small tests/cli/hostile.sh
	$(Q)tests/cli/fetch.sh
golden: $(B)/berth ## replays that have to give what tests/golden/results.csv says
	$(Q)BERTH=$(B)/berth tests/golden/run.sh
.PHONY: check-determinism
check-determinism: $(B)/berth ## the golden table under gcc and clang, four levels each, threads, valgrind
	$(Q)tests/determinism/golden.sh

.PHONY: check-html
check-html: $(B)/berth ## pages in a browser without a window: they load, sort, print, can be read (needs chromium)
	$(Q)BERTH=$(B)/berth scripts/check-html.sh
check-hostile: $(B)/berth ## inputs of gigabytes that are made to hurt, all formats (cli-test takes smaller ones)
	$(Q)BERTH=$(B)/berth tests/cli/hostile.sh
determinism: $(B)/berth ## equal bytes under compilers, levels and address layouts
	$(Q)tests/determinism/run.sh

.PHONY: tidy analyze cppcheck coverage bench
TIDY := $(filter-out tests/%,$(filter %.c,$(SOURCES)))
tidy: | $(LISTS) ## clang-tidy over the program
	$(Q)clang-tidy --quiet $(TIDY) -- -std=c17 $(CPPFLAGS) -DBERTH_VERSION='"$(VERSION)"'
analyze: ## gcc's static analyser over the program
	$(Q)$(MAKE) CC=gcc CONFIG=debug B=build/analyze CFLAGS_EXTRA=-fanalyzer all
cppcheck: | $(LISTS) ## cppcheck over the program
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --suppress=missingIncludeSystem \
		--enable=warning,performance,portability -I. -I$(B) sim policies traces
coverage: ## lines and branches that the tests reach, and which they do not (needs gcovr; half an hour)
	$(Q)MAKE="$(MAKE)" tests/coverage.sh
bench: $(B)/berth ## figures of speed and memory; results/bench has those of one machine
	$(Q)BERTH=$(B)/berth results/bench/make.sh
	$(Q)BERTH=$(B)/berth results/bench/formats.sh
	$(Q)results/bench/core.sh
	$(Q)BERTH=$(B)/berth NODES="100 200 500 1000" results/bench/reclaim.sh
	$(Q)BERTH=$(B)/berth results/bench/scale.sh
	$(Q)BERTH=$(B)/berth results/bench/plan.sh

# The placement core as a library: what it needs of sim/base comes along and is hidden, so that only
# names with the prefix core_ can be seen.
CORE_SO   := libberth-core.so
CORE_ABI  := $(firstword $(subst ., ,$(VERSION)))
CORE_PIC  := $(patsubst $(B)/%,$(B)/pic/%,$(CORE))
BASE_PIC  := $(patsubst $(B)/%,$(B)/pic/%,$(BASE))
$(B)/pic/%.o: %.c | $(LISTS)
	@mkdir -p $(@D)
	@echo "  CC    $< (position independent)"
	$(Q)$(CC) $(CPPFLAGS) -MMD -MP $(CFLAGS) -fPIC -c -o $@ $<
$(B)/pic/libbase.a: $(BASE_PIC)
	$(Q)rm -f $@ && ar rcsD $@ $^
$(B)/$(CORE_SO).$(VERSION): $(CORE_PIC) $(B)/pic/libbase.a scripts/core.map
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(CORE_SO).$(CORE_ABI) -Wl,--version-script=scripts/core.map \
		-Wl,--no-undefined -Wl,--as-needed -o $@ $(CORE_PIC) $(B)/pic/libbase.a $(LDLIBS)
$(B)/libberth-core.a: $(CORE_PIC) $(B)/pic/libbase.a
	$(Q)ld -r -o $(B)/pic/berth-core.o $(CORE_PIC) $(B)/pic/libbase.a
	$(Q)objcopy --wildcard --keep-global-symbol='core_*' $(B)/pic/berth-core.o
	$(Q)rm -f $@ && ar rcsD $@ $(B)/pic/berth-core.o

# The program with the placement core as a shared object, for `berth diff --core`: the core is named
# before the archive, which then gives none of it.
$(B)/berth-shared: $(MAIN) $(B)/$(CORE_SO).$(VERSION) $(LIB)
	@echo "  LD    $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--no-as-needed -Wl,-rpath,'$$ORIGIN:$$ORIGIN/../lib' -o $@ $^ $(LDLIBS)

CORE_HEADERS := policies/core/core.h policies/core/spec.h sim/base/err.h sim/base/text.h sim/base/view.h
.PHONY: core-library install-core install alone
core-library: $(B)/$(CORE_SO).$(VERSION) $(B)/libberth-core.a $(B)/berth-shared ## the placement core as a library, shared and static
install-core: core-library ## install the placement core for other programs below DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 755 $(B)/$(CORE_SO).$(VERSION) $(DESTDIR)$(PREFIX)/lib/
	ln -sf $(CORE_SO).$(VERSION) $(DESTDIR)$(PREFIX)/lib/$(CORE_SO).$(CORE_ABI)
	ln -sf $(CORE_SO).$(CORE_ABI) $(DESTDIR)$(PREFIX)/lib/$(CORE_SO)
	install -m 644 $(B)/libberth-core.a $(DESTDIR)$(PREFIX)/lib/
	for h in $(CORE_HEADERS); do install -D -m 644 $$h $(DESTDIR)$(PREFIX)/include/berth/$$h; done
	printf '%s\n' '#include "policies/core/core.h"' >$(DESTDIR)$(PREFIX)/include/berth/berth-core.h
	sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@VERSION@,$(VERSION),' scripts/berth-core.pc.in \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/berth-core.pc
install: $(B)/berth install-core ## install the program and the placement core below DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(B)/berth $(B)/berth-shared $(DESTDIR)$(PREFIX)/bin/
alone: core-library $(B)/berth ## the placement core builds into a program that has nothing else of Berth
	$(Q)MAKE="$(MAKE)" CC="$(CC)" tests/alone/run.sh
	$(Q)BUILD=$(B) CC="$(CC)" tests/alone/diff.sh

.PHONY: clean help
clean: ## remove build/
	$(Q)rm -rf build
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
