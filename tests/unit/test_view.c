/* What the user wants to see: lists of words, and the filters made of them. */
#include "../support/check.h"


#include "pfa/report/view.h"

enum { ALL_FIELDS = (1 << FIELD_COUNT) - 1 };

/* ---- lists ---- */

typedef enum pfa_status set_list(struct view *v, const char *list,
				 struct pfa_error *err);

static unsigned show_of(const struct view *v)
{
	return v->show;
}

static unsigned fields_of(const struct view *v)
{
	return v->fields;
}

static unsigned types_of(const struct view *v)
{
	return v->types;
}

static const struct {
	set_list *set;
	unsigned (*bits)(const struct view *v);
	const char *list;
	unsigned wanted;
} lists[] = {
	{ view_set_show, show_of, "faults", SHOW_FAULTS },
	{ view_set_show, show_of, "vma,life", SHOW_VMA | SHOW_LIFE },
	{ view_set_show, show_of, "LIFE,Vma,faults,life",
	  SHOW_FAULTS | SHOW_VMA | SHOW_LIFE },
	{ view_set_types, types_of, "MAJOR", 1 << FAULT_MAJOR },
	{ view_set_types, types_of, "cow,invalid", 1 << FAULT_COW | 1 << FAULT_INVALID },
	{ view_set_fields, fields_of, "ip", 1 << FIELD_ip },
	{ view_set_fields, fields_of, "page_size,phys,pid",
	  1 << FIELD_page_size | 1 << FIELD_phys | 1 << FIELD_pid },
	{ view_set_fields, fields_of,
	  "latency,pid,tid,comm,cpu,kind,mode,access,refault,offset,ip,page_size,phys,"
	  "by,call,at,code,build_id,line,object,maker,age,stack",
	  ALL_FIELDS },
};

static void words_of_a_list_choose(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct view v = view_default();
		struct pfa_error err;

		assert_int_equal(lists[i].set(&v, lists[i].list, &err), PFA_OK);
		assert_int_equal(lists[i].bits(&v), lists[i].wanted);
	}
}

static const struct {
	set_list *set;
	const char *list, *message;
} refused[] = {
	{ view_set_show, "fault",
	  "unknown --show value 'fault' (known: faults, vma, life, memory)" },
	{ view_set_show, "faults,",
	  "unknown --show value '' (known: faults, vma, life, memory)" },
	{ view_set_show, "", "unknown --show value '' (known: faults, vma, life, memory)" },
	{ view_set_show, "faults, vma",
	  "unknown --show value ' vma' (known: faults, vma, life, memory)" },
	{ view_set_types, "MAJOR,MINOUR",
	  "unknown fault type 'MINOUR' (known: MAJOR, MINOR, COW, INVALID)" },
	{ view_set_fields, "latencies",
	  "unknown field 'latencies' (known: latency, pid, tid, comm, cpu, kind, mode, "
	  "access, refault, offset, ip, page_size, phys, by, call, at, code, "
	  "build_id, line, object, maker, age, stack)" },
	{ view_set_kinds, "cow-copy,cows",
	  "unknown fault kind 'cows' (known: bus, unmapped, protection, swap-in, "
	  "page-in-copy, page-in, unknown, spurious, cow-file, cow-zero, cow-reuse, "
	  "cow-copy, cow, stack-grow, swap-cache, zero-fill, zero-read, shmem, map, "
	  "write-notify)" },
};

static void unknown_word_is_refused_with_those_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		struct view v = view_default();
		struct pfa_error err;

		assert_int_equal(refused[i].set(&v, refused[i].list, &err), PFA_E_USAGE);
		assert_string_equal(err.text, refused[i].message);
	}
}

static void chosen_fields_are_known_as_chosen(void **state)
{
	struct view v = view_default();
	struct pfa_error err;

	(void)state;
	assert_false(v.fields_chosen);
	assert_true(view_has_field(&v, FIELD_latency));
	assert_false(view_has_field(&v, FIELD_ip));
	assert_int_equal(view_set_fields(&v, "ip", &err), PFA_OK);
	assert_true(v.fields_chosen);
	assert_false(view_has_field(&v, FIELD_latency));
}

static const struct {
	const char *list, *word;
	bool holds;
} words[] = {
	{ "cow", "cow", true },
	{ "cow", "COW", true },
	{ "cow-copy", "cow", false },
	{ "cow", "cow-copy", false },
	{ "map,cow", "cow", true },
	{ "map,cow,shmem", "cow", true },
	{ "map,cow-copy", "cow", false },
	{ "", "cow", false },
	{ "", "", true },
	{ "a,,b", "", true },
	{ "a,b", "", false },
};

static void list_holds_whole_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (list_has_word(words[i].list, words[i].word) != words[i].holds)
			fail_msg("'%s' in '%s'", words[i].word, words[i].list);
}

/* ---- filters ---- */

static const struct region text_region = { "libc.so.6", ".text", "libc.so.6 .text" };
static const struct region heap_region = { "[heap]", "", "[heap]" };

static const struct {
	const char *what;
	struct view view;
	bool shown;
} filters[] = {
	{ "nothing chosen", { .show = SHOW_FAULTS }, true },
	{ "changes only: that is about lines", { .show = SHOW_VMA }, true },
	{ "its type", { .show = SHOW_FAULTS, .types = 1 << FAULT_COW }, true },
	{ "another type", { .show = SHOW_FAULTS, .types = 1 << FAULT_MAJOR }, false },
	{ "its kind", { .show = SHOW_FAULTS, .kinds = "map,cow-file" }, true },
	{ "another kind", { .show = SHOW_FAULTS, .kinds = "cow" }, false },
	{ "faster ones too", { .show = SHOW_FAULTS, .min_latency_ns = 500 }, true },
	{ "slower ones only", { .show = SHOW_FAULTS, .min_latency_ns = 501 }, false },
	{ "its object", { .show = SHOW_FAULTS, .region = "libc.so.6" }, true },
	{ "a glob of its object", { .show = SHOW_FAULTS, .region = "libc*" }, true },
	{ "a glob of both", { .show = SHOW_FAULTS, .region = "* .text" }, true },
	{ "another section", { .show = SHOW_FAULTS, .region = "* .data" }, false },
	{ "another object", { .show = SHOW_FAULTS, .region = "libm*" }, false },
	{ "its type but another kind",
	  { .show = SHOW_FAULTS, .types = 1 << FAULT_COW, .kinds = "cow" }, false },
};

static void fault_passes_if_every_filter_lets_it(void **state)
{
	const struct fault fault = { .type = FAULT_COW, .kind = "cow-file",
				     .latency_ns = 500, .region = &text_region };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(filters); i++)
		if (view_shows_fault(&filters[i].view, &fault) != filters[i].shown)
			fail_msg("%s", filters[i].what);
}

static void fault_of_unknown_latency_is_not_slow(void **state)
{
	const struct fault fault = { .type = FAULT_COW, .kind = "cow",
				     .latency_ns = LATENCY_UNKNOWN,
				     .region = &text_region };
	struct view v = view_default();

	(void)state;
	assert_true(view_shows_fault(&v, &fault));
	v.min_latency_ns = 1;
	assert_false(view_shows_fault(&v, &fault));
}

static const struct {
	struct view view;
	bool filters;
} choices[] = {
	{ { .show = SHOW_FAULTS }, false },
	{ { .show = SHOW_VMA, .fixed_ts = true, .top = 1 }, false },
	{ { .types = 1 << FAULT_COW }, true },
	{ { .kinds = "cow" }, true },
	{ { .region = "*" }, true },
	{ { .min_latency_ns = 1 }, true },
};

static void faults_are_filtered_if_any_can_be_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(choices); i++)
		assert_int_equal(view_filters_faults(&choices[i].view),
				 choices[i].filters);
}

static void changes_and_lives_are_shown_if_asked_for(void **state)
{
	const struct change change = { .region = &heap_region };
	struct view v = view_default();

	(void)state;
	assert_false(view_shows_change(&v, &change));
	assert_false(view_shows_life(&v));
	v.show = SHOW_VMA | SHOW_LIFE;
	assert_true(view_shows_change(&v, &change));
	assert_true(view_shows_life(&v));
	v.region = "libc*";
	assert_false(view_shows_change(&v, &change));
	v.region = "?heap?";
	assert_true(view_shows_change(&v, &change));
}

static void failed_calls_are_shown_if_asked_for_whatever_else_is(void **state)
{
	const struct change failed = { .region = &heap_region, .error = 1 };
	struct view v = view_default();

	(void)state;
	v.show = SHOW_VMA;
	assert_false(view_shows_change(&v, &failed));
	v.show = SHOW_LIFE;
	v.failed = true;
	assert_true(view_shows_change(&v, &failed));
	v.region = "libc*";
	assert_false(view_shows_change(&v, &failed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_list_choose),
		cmocka_unit_test(unknown_word_is_refused_with_those_known),
		cmocka_unit_test(chosen_fields_are_known_as_chosen),
		cmocka_unit_test(list_holds_whole_words),
		cmocka_unit_test(fault_passes_if_every_filter_lets_it),
		cmocka_unit_test(fault_of_unknown_latency_is_not_slow),
		cmocka_unit_test(faults_are_filtered_if_any_can_be_left_out),
		cmocka_unit_test(changes_and_lives_are_shown_if_asked_for),
		cmocka_unit_test(failed_calls_are_shown_if_asked_for_whatever_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
