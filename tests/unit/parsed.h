/* A command line of one text, parsed. */
#ifndef TESTS_UNIT_PARSED_H
#define TESTS_UNIT_PARSED_H

#include "../support/check.h"

#include <string.h>

#include "pfa/options.h"

enum { ARGS_MAX = 32 };

struct parsed {
	char line[512];
	char *argv[ARGS_MAX + 1];
	struct options options;
	struct pfa_error err;
	enum pfa_status status;
};

/* Words with one space between them. The options point into *p. */
static inline void parse(struct parsed *p, const char *line)
{
	int argc = 0;
	char *at = p->line;

	assert_true(strlen(line) < sizeof(p->line));
	memcpy(p->line, line, strlen(line) + 1);
	while (at) {
		assert_true(argc < ARGS_MAX);
		p->argv[argc++] = strsep(&at, " ");
	}
	p->argv[argc] = NULL;
	p->status = options_parse(&p->options, argc, p->argv, &p->err);
}

static inline struct options *parse_well(struct parsed *p, const char *line)
{
	parse(p, line);
	if (p->status)
		fail_msg("%s: %s", line, p->err.text);
	return &p->options;
}

#endif
