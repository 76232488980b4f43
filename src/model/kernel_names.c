#include "pfa/model/kernel_names.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/mem.h"
#include "pfa/base/search.h"
#include "pfa/model/observation.h"

struct kernel_names {
	struct intern *strings;
	struct kernel_name *list; /* by start */
	size_t count, capacity;
};

struct kernel_names *kernel_names_new(struct intern *strings)
{
	struct kernel_names *names = pfa_alloc(sizeof(*names));

	names->strings = strings;
	return names;
}

void kernel_names_free(struct kernel_names *names)
{
	if (!names)
		return;
	free(names->list);
	free(names);
}

/* ---- functions ---- */

static void add(struct kernel_names *names, const struct kernel_name *name)
{
	size_t at = COUNT_UPTO(names->list, names->count, start, name->start);

	if (at && names->list[at - 1].start == name->start)
		return;
	names->list = pfa_grow(names->list, names->count, &names->capacity,
			       sizeof(*names->list));
	memmove(names->list + at + 1, names->list + at,
		(names->count - at) * sizeof(*names->list));
	names->list[at] = *name;
	names->count++;
}

void kernel_names_note(struct kernel_names *names, const char *text)
{
	char function[512], module[128] = "kernel", object[sizeof(module) + 2];
	struct kernel_name name;

	if (sscanf(text, "kernel %" SCNx64 " %" SCNx64 " %511s %127s", &name.start,
		   &name.size, function, module) < 3)
		return;
	snprintf(object, sizeof(object), "[%s]", module);
	name.function = intern_text(names->strings, function);
	name.object = intern_text(names->strings, object);
	add(names, &name);
}

const struct kernel_name *kernel_names_find(const struct kernel_names *names,
					    uint64_t addr)
{
	size_t below = COUNT_UPTO(names->list, names->count, start, addr);
	const struct kernel_name *name = below ? &names->list[below - 1] : NULL;

	return name && addr - name->start <= name->size ? name : NULL;
}

/* ---- system calls ---- */

/* What a function that is a system call's begins with, on one architecture or kernel
 * or another (include/linux/syscalls.h, arch/.../syscall_wrapper.h). */
static const char *const prefixes[] = {
	"__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_", "__x32_compat_sys_",
	"__arm64_sys_", "__arm64_compat_sys_", "__riscv_sys_", "__riscv_compat_sys_",
	"__s390x_sys_", "__se_sys_", "__se_compat_sys_", "__do_sys_",
	"__do_compat_sys_", "ksys_", "__sys_", "sys_", "compat_sys_",
};

/* Where the kernel's name is not that of the manual. */
static const struct {
	const char *kernel, *manual;
} renamed[] = {
	{ "mmap_pgoff", "mmap" },   { "newstat", "stat" },   { "newlstat", "lstat" },
	{ "newfstat", "fstat" },    { "newuname", "uname" }, { "umount", "umount2" },
	{ "sendfile64", "sendfile" },
};

/* The function's name without what it begins with; NULL: it is no system call's. */
static const char *name_in(const char *function)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);

		if (!strncmp(function, prefixes[i], length))
			return function + length;
	}
	return NULL;
}

/* Compilers append ".isra.0" and the like. */
static const char *manual_name(struct intern *strings, const char *name)
{
	const char *call = intern_bytes(strings, name, strcspn(name, "."));

	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (!strcmp(call, renamed[i].kernel))
			return intern_text(strings, renamed[i].manual);
	return call;
}

const char *kernel_call_of(struct intern *strings, const struct code *const *frames,
			   uint32_t count)
{
	while (count--) {
		const char *function = frames[count]->function;
		const char *name = function ? name_in(function) : NULL;

		if (name)
			return manual_name(strings, name);
	}
	return NULL;
}
