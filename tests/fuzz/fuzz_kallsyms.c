/* Text of /proc/kallsyms: every function that is found covers the address asked for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/mem.h"
#include "pfa/symbol/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_at(const struct kallsyms *symbols, uint64_t addr, size_t text_bytes)
{
	struct kernel_function function;

	if (!kallsyms_function(symbols, addr, &function))
		return;
	check(function.start && function.start <= addr);
	check(addr - function.start < function.size);
	check(*function.name && strlen(function.name) < text_bytes);
	check(!function.module || strlen(function.module) < text_bytes);
	check(kallsyms_address(symbols, function.name) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = pfa_memdup(bytes, size);
	struct kallsyms *symbols;

	(void)kallsyms_is_hidden(text, size);
	symbols = kallsyms_new(text, size);
	check_at(symbols, 0, size);
	check_at(symbols, 0xffffffff81000010, size);
	check_at(symbols, 0xffffffffc0002001, size);
	check_at(symbols, UINT64_MAX, size);
	kallsyms_free(symbols);
	return 0;
}
