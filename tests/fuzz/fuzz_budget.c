/* A budget as the user writes it: it makes sense, or it is refused with a place in it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pfa/base/text.h"
#include "pfa/report/budget_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_sense(const struct budget *b)
{
	struct text out;

	check(b->metric < METRIC_COUNT && strlen(b->glob) < BUDGET_GLOB_MAX);
	check(!b->glob[0] || budget_has_trait(b, BUDGET_BY_REGION));
	check(!b->per_second || budget_has_trait(b, BUDGET_BY_SECOND));
	check(budget_holds(b, 0) || budget_holds(b, UINT64_MAX));
	text_init(&out);
	budget_put_figure(&out, b, b->limit);
	check(out.length > 0);
	text_release(&out);
}

static void check_complaint(const char *text, const struct pfa_error *err)
{
	const char *place = strstr(err->text, "', at ");
	size_t at;

	if (strlen(text) > sizeof(err->text) / 4) /* may be cut */
		return;
	check(err->status == PFA_E_USAGE && place);
	for (const char *next = place; next; next = strstr(next + 1, "', at "))
		place = next; /* the text may say the same */
	at = strtoul(place + strlen("', at "), NULL, 10);
	check(at >= 1 && at <= strlen(text) + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size + 1);
	struct pfa_error err;
	struct budget budget;

	if (!text)
		return 0;
	memcpy(text, bytes, size);
	text[size] = '\0';
	for (int alert = 0; alert < 2; alert++)
		if (budget_parse(&budget, text, alert, &err))
			check_complaint(text, &err);
		else
			check_sense(&budget);
	free(text);
	return 0;
}
