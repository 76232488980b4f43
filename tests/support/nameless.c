#include "nameless.h"

#include <stddef.h>

#include "pfa/report/naming.h"

struct naming *nameless;

int nameless_setup(void **state)
{
	(void)state;
	nameless = naming_new(NULL);
	return 0;
}

int nameless_teardown(void **state)
{
	(void)state;
	naming_free(nameless);
	return 0;
}
