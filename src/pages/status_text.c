#include "pfa/pages/status_text.h"

#include <stdlib.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/pages/process.h"

static void take_counter(struct status_counters *counters, const char *name,
			 size_t length, const char *value)
{
#define X(member, kernel)                                                   \
	if (length == strlen(kernel) && !memcmp(name, kernel, length)) {    \
		counters->member = strtoull(value, NULL, 10);               \
		counters->known = true;                                     \
	}
	STATUS_COUNTERS(X)
#undef X
}

static void take(struct map_process *process, struct intern *strings, const char *name,
		 size_t length, const char *value, size_t value_length)
{
	if (length == 4 && !memcmp(name, "Name", 4))
		process->comm = intern_bytes(strings, value, value_length);
	else if (length == 4 && !memcmp(name, "PPid", 4))
		process->parent = (pid_t)strtol(value, NULL, 10);
	else if (length == 5 && !memcmp(name, "State", 5))
		process->stopped = *value == 'T' || *value == 't';
	else
		take_counter(&process->counters, name, length, value);
}

void status_parse(const char *text, struct intern *strings, struct map_process *process)
{
	process->comm = "";
	while (*text) {
		size_t line = strcspn(text, "\n");
		const char *colon = memchr(text, ':', line);

		if (colon && colon[1] == '\t')
			take(process, strings, text, (size_t)(colon - text), colon + 2,
			     line - (size_t)(colon + 2 - text));
		text += line + (text[line] == '\n');
	}
}
