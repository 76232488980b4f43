/* What the keys of pfa top do. */
#include "../support/top_world.h"

#include "pfa/report/top_keys.h"

struct keyboard {
	struct top *top;
	struct top_look look;
};

static void begin(struct keyboard *k)
{
	*k = (struct keyboard){ .top = top_begin(0) };
}

/* Each of these keys is pressed, and none of them quits. */
static void press(struct keyboard *k, const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(top_key(k->top, &k->look, *keys), TOP_DRAW);
}

static void keys_change_how_the_frame_is_looked_at(void **state)
{
	struct keyboard k;

	(void)state;
	begin(&k);
	press(&k, "sw");
	assert_true(k.look.by_time && k.look.whole);
	press(&k, "s");
	assert_false(k.look.by_time);
	press(&k, "p");
	assert_true(k.top->paused);
	press(&k, "xyz\t ");
	assert_false(k.top->paused);
	top_end(k.top);
}

static void types_come_one_after_the_other(void **state)
{
	struct keyboard k;

	(void)state;
	begin(&k);
	for (int type = 0; type < FAULT_TYPE_COUNT; type++) {
		press(&k, "t");
		assert_int_equal(k.top->wanted.types, 1 << type);
	}
	press(&k, "t");
	assert_int_equal(k.top->wanted.types, 0);
	press(&k, "tta");
	assert_int_equal(k.top->wanted.types, 0);
	top_end(k.top);
}

static void check_line(const struct keyboard *k, const char *words)
{
	struct text line;

	text_init(&line);
	top_put_keys(&k->look, &line);
	assert_non_null(strstr(text_cstr(&line), words));
	text_release(&line);
}

static void region_is_typed(void **state)
{
	struct keyboard k;

	(void)state;
	begin(&k);
	check_line(&k, "q quit");
	press(&k, "/liq\177b*"); /* q is a letter here */
	check_line(&k, "): lib*_");
	assert_string_equal(k.top->wanted.region, "");
	press(&k, "\n");
	assert_string_equal(k.top->wanted.region, "lib*");
	check_line(&k, "q quit");
	press(&k, "/x\033"); /* not at all */
	assert_string_equal(k.top->wanted.region, "lib*");
	press(&k, "/\177\177c\n"); /* what there was is where typing begins */
	assert_string_equal(k.top->wanted.region, "lic");
	press(&k, "/\025[heap]\n");
	assert_string_equal(k.top->wanted.region, "[heap]");
	press(&k, "/\177\177\177\177\177\177\177\177\n");
	assert_string_equal(k.top->wanted.region, "");
	top_end(k.top);
}

static void too_long_a_region_ends_where_there_is_room(void **state)
{
	struct keyboard k;

	(void)state;
	begin(&k);
	press(&k, "/");
	for (size_t i = 0; i < 2 * TOP_GLOB_MAX; i++)
		press(&k, "a");
	press(&k, "\n");
	assert_int_equal(strlen(k.top->wanted.region), TOP_GLOB_MAX - 1);
	top_end(k.top);
}

static void some_keys_end_it(void **state)
{
	static const int keys[] = { 'q', 'Q', TOP_KEY_GONE };
	struct keyboard k;

	(void)state;
	begin(&k);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		assert_int_equal(top_key(k.top, &k.look, keys[i]), TOP_QUIT);
	assert_int_equal(top_key(k.top, &k.look, TOP_KEY_RESIZE), TOP_DRAW);
	press(&k, "/");
	assert_int_equal(top_key(k.top, &k.look, TOP_KEY_RESIZE), TOP_DRAW);
	assert_int_equal(k.look.typed_length, 0);
	assert_int_equal(top_key(k.top, &k.look, TOP_KEY_GONE), TOP_QUIT);
	top_end(k.top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_change_how_the_frame_is_looked_at),
		cmocka_unit_test(types_come_one_after_the_other),
		cmocka_unit_test(region_is_typed),
		cmocka_unit_test(too_long_a_region_ends_where_there_is_room),
		cmocka_unit_test(some_keys_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
