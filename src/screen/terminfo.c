#include "pfa/screen/terminfo.h"

#include <curses.h>
#include <string.h>
#include <term.h>

/* Where a capability asks for a pause ("$<5>") none is made. */
static void append(char *text, size_t size, const char *from)
{
	size_t used = strlen(text);

	while (from && *from && used + 1 < size) {
		const char *end = strncmp(from, "$<", 2) ? NULL : strchr(from, '>');

		if (end)
			from = end + 1;
		else
			text[used++] = *from++;
	}
	text[used] = '\0';
}

bool terminfo_ending(int fd, char *ending, size_t size)
{
	bool can_be_drawn_on;
	int unused;

	if (setupterm(NULL, fd, &unused) != OK)
		return false;
	can_be_drawn_on = cursor_address != NULL;
	ending[0] = '\0';
	append(ending, size, exit_attribute_mode);
	append(ending, size, keypad_local);
	append(ending, size, cursor_normal);
	append(ending, size, exit_ca_mode);
	del_curterm(cur_term);
	return can_be_drawn_on;
}
