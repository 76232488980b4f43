#include "pfa/base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/terminal.h"

void pfa_out_of_memory(void)
{
	static const char text[] =
		"error: out of memory (raise ulimit -v, or use a smaller --buffer)\n";
	static atomic_flag told = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&told))
		pause(); /* another thread says it, and ends us */
	terminal_put_back();
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

static void *or_end(void *p)
{
	if (!p)
		pfa_out_of_memory();
	return p;
}

void *pfa_alloc(size_t size_bytes)
{
	return or_end(calloc(1, size_bytes ? size_bytes : 1));
}

void *pfa_realloc(void *old, size_t size_bytes)
{
	return or_end(realloc(old, size_bytes ? size_bytes : 1));
}

void *pfa_memdup(const void *bytes, size_t size_bytes)
{
	void *copy = pfa_alloc(size_bytes);

	if (size_bytes)
		memcpy(copy, bytes, size_bytes);
	return copy;
}

char *pfa_strdup(const char *text)
{
	return pfa_memdup(text, strlen(text) + 1);
}

void *pfa_grow(void *array, size_t count, size_t *capacity, size_t element)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 16;
	return pfa_realloc(array, *capacity * element);
}
