# pfa: page-fault and virtual-memory analyzer
#
#   make            build build/pfa (installs nothing)
#   make deps       install what is missing, with apt-get
#   make demo       build, run pfa on a real workload
#   make check      everything that must pass
#   make test unit live golden sanitize fuzz docs-check    parts of it
#   make bench      what pfa costs beside perf and strace (root, 4 minutes)
#   make golden-update    rewrite golden files, showing the difference
#   make install uninstall    with DESTDIR and PREFIX

VERSION := 0.1.0
PREFIX ?= /usr/local
CC ?= gcc
BUILD := build

PKGS := libtraceevent libdw libelf liblzma ncursesw
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -liberty

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef -Werror
# Without CFLAGS of the user's the program is optimised further, and as a whole: a quarter
# of a report's time less. The library that tests are linked with, which are many, is
# compiled apart.
ifndef OPTIMIZE
OPTIMIZE := $(if $(CFLAGS)$(findstring clang,$(shell $(CC) --version)),,-O3 -flto=auto)
endif
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DPFA_VERSION='"$(VERSION)"' -Iinclude \
	-include pfa/base/banned.h $(WARNINGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP

SOURCES := $(sort $(wildcard src/*.c src/*/*.c))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
PROGRAM_OBJECTS := $(if $(OPTIMIZE),$(SOURCES:%.c=$(BUILD)/optimized/%.o),$(OBJECTS))
LIBRARY := $(BUILD)/libpfa.a
DEMOS := $(patsubst demos/%.c,$(BUILD)/demos/%,$(wildcard demos/*.c))

all: $(BUILD)/pfa

$(BUILD)/pfa: $(PROGRAM_OBJECTS)
	$(CC) $(ALL_CFLAGS) $(OPTIMIZE) -o $@ $^ $(PKG_LIBS)

$(LIBRARY): $(filter-out $(BUILD)/src/main.o,$(OBJECTS))
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/optimized/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(OPTIMIZE) -c -o $@ $<

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

demos: $(DEMOS)

$(BUILD)/demos/%: demos/%.c $(wildcard demos/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Idemos \
		-o $@ $< -lpthread

-include $(OBJECTS:.o=.d) $(PROGRAM_OBJECTS:.o=.d)

include tests/tests.mk

deps:
	.ci/deps

demo: all demos
	$(BUILD)/pfa --top=8 -- $(BUILD)/demos/mixed

install: all
	install -D -m 755 $(BUILD)/pfa $(DESTDIR)$(PREFIX)/bin/pfa
	install -D -m 644 man/pfa.1 $(DESTDIR)$(PREFIX)/share/man/man1/pfa.1

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/pfa $(DESTDIR)$(PREFIX)/share/man/man1/pfa.1

clean:
	rm -rf $(BUILD)

.PHONY: all demos deps demo install uninstall clean
.DELETE_ON_ERROR:
