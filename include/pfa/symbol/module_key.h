/* What tells modules apart, as bytes to look them up by: numbers, then the path. */
#ifndef PFA_SYMBOL_MODULE_KEY_H
#define PFA_SYMBOL_MODULE_KEY_H

#include <string.h>

#include "pfa/base/text.h"
#include "pfa/symbol/symbols.h"

/* Into an empty or a used text. */
static inline void module_key(const struct module_id *id, struct text *key)
{
	uint64_t numbers[3] = {
		id->inode, id->generation, (uint64_t)id->dev_major << 32 | id->dev_minor,
	};

	text_clear(key);
	text_bytes(key, (const char *)numbers, sizeof(numbers));
	text_str(key, id->path);
}

#endif
