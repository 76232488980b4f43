#include "pfa/symbol/source_path.h"

#include <dwarf.h>

#include "pfa/base/text.h"
#include "pfa/symbol/demangle.h"

const char *source_path(Dwarf_Die *unit, const char *path, struct intern *names)
{
	Dwarf_Attribute attribute;
	const char *directory, *result;
	struct text text;

	if (path[0] == '/')
		return printable(names, path);
	directory = dwarf_formstring(dwarf_attr_integrate(unit, DW_AT_comp_dir, &attribute));
	text_init(&text);
	if (directory) {
		text_str(&text, directory);
		text_char(&text, '/');
	}
	text_str(&text, path);
	result = printable(names, text_cstr(&text));
	text_release(&text);
	return result;
}
