# Tests. `make check` is all that must pass; the parts have targets of their own.

UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
GOLDEN_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/golden/test_*.c))
LIVE_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/live/test_*.c))
TEST_HELPERS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))

# What a golden file holds must not depend on who runs the test.
TEST_ENVIRONMENT := env LC_ALL=C TZ=UTC COLUMNS=80 NO_COLOR=1 PFA=$(abspath $(BUILD))/pfa \
	PFA_DEMOS=$(abspath $(BUILD))/demos PFA_BUILD=$(abspath $(BUILD))

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(TEST_HELPERS) $(LIBRARY)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka -lpthread

# It has symbols of its own making, which come before those of the library.
$(BUILD)/tests/unit/test_naming: ALL_CFLAGS += -Wl,--allow-multiple-definition

# Preloaded into other programs.
LIVE_PRELOADS := $(patsubst %,$(BUILD)/tests/live/%.so,dump_maps leaping_clock)

$(LIVE_PRELOADS): $(BUILD)/tests/live/%.so: tests/live/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fPIC -shared -o $@ $<

# Programs that the live tests trace.
LIVE_PROGRAMS := $(patsubst %,$(BUILD)/tests/live/%,counted crew fleeting forbid giveback \
	globals grower layouts mapper racer resident starter sturdy)

$(LIVE_PROGRAMS): $(BUILD)/tests/live/%: tests/live/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -o $@ $< -lpthread -ldl

# The same once more, without a loader.
$(BUILD)/tests/live/fleeting_static: tests/live/fleeting.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -static -o $@ $<

# Deep stacks, with their unwind tables in .eh_frame, and in .debug_frame; and such as
# the kernel follows, by frame pointers.
DEEP_PROGRAMS := $(patsubst %,$(BUILD)/tests/live/%,deep deep_debug_frame nested nested_fp)

$(DEEP_PROGRAMS): DEEP_CFLAGS := -fomit-frame-pointer
$(BUILD)/tests/live/deep_debug_frame: DEEP_CFLAGS += -fno-asynchronous-unwind-tables
$(BUILD)/tests/live/nested_fp: DEEP_CFLAGS := -fno-omit-frame-pointer -DWITHOUT_LIBRARY

$(BUILD)/tests/live/deep $(BUILD)/tests/live/deep_debug_frame: tests/live/deep.c
$(BUILD)/tests/live/nested $(BUILD)/tests/live/nested_fp: tests/live/nested.c

$(DEEP_PROGRAMS):
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(DEEP_CFLAGS) -Wall -Wextra -Werror -o $@ $<

$(BUILD)/tests/live/crew: demos/say.h

-include $(wildcard $(BUILD)/tests/*/*.d)
.SECONDARY: $(UNIT_TESTS:=.o) $(GOLDEN_TESTS:=.o) $(LIVE_TESTS:=.o) $(TEST_HELPERS)

unit: $(UNIT_TESTS)
	$(TEST_ENVIRONMENT) tests/run $^

golden: all $(GOLDEN_TESTS)
	$(TEST_ENVIRONMENT) tests/run $(GOLDEN_TESTS)

golden-update: all $(GOLDEN_TESTS)
	PFA_GOLDEN_UPDATE=1 $(TEST_ENVIRONMENT) tests/run $(GOLDEN_TESTS)
	git --no-pager diff --stat -p -- golden

LIVE_HELPERS := $(LIVE_PRELOADS) $(LIVE_PROGRAMS) $(DEEP_PROGRAMS) $(BUILD)/tests/live/fleeting_static

live: all demos $(LIVE_TESTS) $(LIVE_HELPERS)
	$(TEST_ENVIRONMENT) tests/run $(LIVE_TESTS)

test: all demos $(UNIT_TESTS) $(GOLDEN_TESTS) $(LIVE_TESTS) $(LIVE_HELPERS)
	$(TEST_ENVIRONMENT) tests/run $(UNIT_TESTS) $(GOLDEN_TESTS) $(LIVE_TESTS)

# What is built on the way to a check is built on all CPUs; tests run one by one.
BUILD_ALL := --no-print-directory -j$(shell nproc)

# Unit and golden tests once more under AddressSanitizer and UBSan.
SANITIZED := BUILD=$(BUILD)/sanitize CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -Wno-format-truncation -Wno-format-overflow'

sanitize:
	$(MAKE) $(BUILD_ALL) $(SANITIZED) sanitized-programs
	$(MAKE) --no-print-directory $(SANITIZED) unit golden

sanitized-programs: all $(UNIT_TESTS) $(GOLDEN_TESTS)

# Every parser of outside bytes, for FUZZ_SECONDS each from its corpus. The library
# is built once more by clang, with coverage for libFuzzer and the sanitizers.
FUZZ_SECONDS ?= 3
FUZZ_CLANG := clang
FUZZ_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

fuzz:
	$(MAKE) $(BUILD_ALL) BUILD=$(BUILD)/fuzz CC=$(FUZZ_CLANG) \
		CFLAGS='$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link' fuzz-library
	$(MAKE) $(BUILD_ALL) $(FUZZERS)
	tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

fuzz-library: $(LIBRARY)

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/fuzz/libpfa.a
	$(FUZZ_CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -std=gnu11 -D_GNU_SOURCE \
		-Iinclude $(PKG_CFLAGS) -o $@ $^ $(PKG_LIBS)

# What pfa costs beside its peers. BENCH='storm-1 report-*' for some rows only,
# BENCH_ROUNDS=N for other than 5 rounds. Not a part of check: it judges times.
BENCH_DIR := $(BUILD)/tests/bench
BENCH_PROGRAMS := $(addprefix $(BENCH_DIR)/programs/,calls ending mappings ping_pong \
	resident sites)
BENCH_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/*.c))

$(BENCH_PROGRAMS): $(BENCH_DIR)/programs/%: tests/bench/programs/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -o $@ $< -lpthread

$(BENCH_DIR)/programs/space: $(BENCH_DIR)/programs/space.o $(LIBRARY)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(PKG_LIBS)

$(BENCH_DIR)/bench: $(BENCH_OBJECTS) $(LIBRARY)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(PKG_LIBS)

# Those that pfa's own parts are in.
BENCH_LINKED := $(addprefix $(BENCH_DIR)/programs/,space model generate)

-include $(BENCH_LINKED:=.d)

bench-programs: $(BENCH_DIR)/bench $(BENCH_PROGRAMS) $(BENCH_LINKED)

bench: all demos bench-programs
	@$(TEST_ENVIRONMENT) $(BENCH_DIR)/bench $(BENCH)

docs-check: all
	$(TEST_ENVIRONMENT) tests/docs/check

check-programs: all demos bench-programs $(UNIT_TESTS) $(GOLDEN_TESTS) $(LIVE_TESTS) \
	$(LIVE_HELPERS)

check:
	$(MAKE) $(BUILD_ALL) check-programs
	$(MAKE) --no-print-directory sanitize
	$(MAKE) --no-print-directory fuzz
	$(MAKE) --no-print-directory docs-check
	$(MAKE) --no-print-directory test

.PHONY: unit golden golden-update live test sanitize fuzz fuzz-library bench bench-programs
.PHONY: docs-check check check-programs sanitized-programs
