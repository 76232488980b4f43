#include "pfa/model/names.h"

#include "pfa/model/backing.h"
#include "pfa/model/code.h"
#include "pfa/model/givers.h"
#include "pfa/model/kernel_names.h"
#include "pfa/model/region.h"
#include "pfa/model/stacks.h"

void names_init(struct names *n, struct intern *strings)
{
	n->backings = backing_table_new(strings);
	n->regions = region_table_new(strings);
	n->kernel = kernel_names_new(strings);
	n->codes = code_table_new(strings, n->kernel);
	n->givers = givers_new(strings);
	n->stacks = stack_table_new(strings, n->codes);
}

void names_release(struct names *n)
{
	stack_table_free(n->stacks);
	givers_free(n->givers);
	code_table_free(n->codes);
	kernel_names_free(n->kernel);
	region_table_free(n->regions);
	backing_table_free(n->backings);
}
