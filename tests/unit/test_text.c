/* Output text, interned strings, and errors as one line. */
#include "../support/check.h"

#include <string.h>

#include "pfa/base/intern.h"
#include "pfa/base/status.h"
#include "pfa/base/text.h"

/* ---- text ---- */

static void writers_append_what_they_say(void **state)
{
	struct text t;

	(void)state;
	text_init(&t);
	text_str(&t, "pid=");
	text_dec(&t, 4321);
	text_char(&t, ' ');
	text_hex(&t, 0x7f2c7b100000);
	text_spaces(&t, 3);
	text_bytes(&t, "abcdef", 3);
	text_printf(&t, "|%5.1f|%s", 2.25, "end");
	assert_string_equal(text_cstr(&t),
			    "pid=4321 0x7f2c7b100000   abc|  2.2|end");
	assert_int_equal(t.length, strlen(t.bytes));
	text_release(&t);
}

static const struct {
	uint64_t value;
	unsigned digits;
	const char *padded, *hex;
} numbers[] = {
	{ 0, 1, "0", "0x0" },
	{ 0, 3, "000", "0x0" },
	{ 7, 6, "000007", "0x7" },
	{ 123, 3, "123", "0x7b" },
	{ 1234, 3, "1234", "0x4d2" },
	{ 1, 25, "00000000000000000001", "0x1" }, /* no more than 20 digits */
	{ UINT64_MAX, 6, "18446744073709551615", "0xffffffffffffffff" },
};

static void numbers_have_their_digits(void **state)
{
	struct text t;

	(void)state;
	text_init(&t);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		text_clear(&t);
		text_dec_padded(&t, numbers[i].value, numbers[i].digits);
		assert_string_equal(text_cstr(&t), numbers[i].padded);
		text_clear(&t);
		text_hex(&t, numbers[i].value);
		assert_string_equal(text_cstr(&t), numbers[i].hex);
	}
	text_release(&t);
}

static void terminator_is_not_part_of_the_text(void **state)
{
	struct text t;

	(void)state;
	text_init(&t);
	assert_string_equal(text_cstr(&t), "");
	text_str(&t, "one");
	assert_string_equal(text_cstr(&t), "one");
	text_str(&t, "two");
	assert_string_equal(text_cstr(&t), "onetwo");
	assert_int_equal(t.length, 6);
	text_release(&t);
}

static void text_grows_without_losing_a_byte(void **state)
{
	char line[1000];
	struct text t;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	text_init(&t);
	for (int i = 0; i < 500; i++)
		text_printf(&t, "%d:%s\n", i % 10, line);
	assert_int_equal(t.length, 500 * 1002);
	for (int i = 0; i < 500; i++) {
		assert_int_equal(t.bytes[i * 1002], '0' + i % 10);
		assert_int_equal(t.bytes[i * 1002 + 1001], '\n');
	}
	text_release(&t);
}

static void control_bytes_are_escaped_and_utf8_is_not(void **state)
{
	struct text t;

	(void)state;
	text_init(&t);
	text_escaped(&t, "a\tb\n\033[31m\x7f \xc3\xa9\\");
	assert_string_equal(text_cstr(&t),
			    "a\\x09b\\x0a\\x1b[31m\\x7f \xc3\xa9\\");
	text_release(&t);
}

/* ---- interned strings ---- */

static void equal_texts_are_one_pointer(void **state)
{
	struct intern *pool = intern_new();
	char again[] = "libc.so.6";
	const char *first = intern_text(pool, "libc.so.6");

	(void)state;
	assert_ptr_equal(intern_text(pool, again), first);
	assert_ptr_not_equal(intern_text(pool, "libc.so"), first);
	assert_ptr_equal(intern_text(pool, ""), intern_text(pool, ""));
	assert_string_equal(intern_text(pool, ""), "");
	assert_string_equal(first, "libc.so.6");
	intern_free(pool);
}

static void bytes_end_at_their_length_or_at_a_nul(void **state)
{
	struct intern *pool = intern_new();
	const char comm[8] = { 'b', 'a', 's', 'h', '\0', 'x', 'x', 'x' };

	(void)state;
	assert_string_equal(intern_bytes(pool, comm, sizeof(comm)), "bash");
	assert_string_equal(intern_bytes(pool, comm, 2), "ba");
	assert_string_equal(intern_bytes(pool, comm, 0), "");
	assert_ptr_equal(intern_bytes(pool, comm, 4), intern_text(pool, "bash"));
	intern_free(pool);
}

static void interned_strings_stay_where_they_are(void **state)
{
	enum { MANY = 20000 };
	static const char *kept[MANY];
	struct intern *pool = intern_new();
	struct text t;

	(void)state;
	text_init(&t);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			text_clear(&t);
			text_printf(&t, "/lib/object-%d.so", i);
			if (!round)
				kept[i] = intern_text(pool, text_cstr(&t));
			assert_ptr_equal(intern_text(pool, text_cstr(&t)), kept[i]);
			assert_string_equal(kept[i], text_cstr(&t));
		}
	}
	text_release(&t);
	intern_free(pool);
	intern_free(NULL);
}

/* ---- errors ---- */

static void failure_is_formatted_once_and_returned(void **state)
{
	struct pfa_error err;

	(void)state;
	assert_int_equal(pfa_fail(&err, PFA_E_PERM, "cpu %d: %s", 3, "no"),
			 PFA_E_PERM);
	assert_int_equal(err.status, PFA_E_PERM);
	assert_string_equal(err.text, "cpu 3: no");
}

static void long_failure_is_cut(void **state)
{
	char path[2000];
	struct pfa_error err;

	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(pfa_fail(&err, PFA_E_IO, "%s", path), PFA_E_IO);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static const struct {
	enum pfa_status status;
	int exit_status;
} exits[] = {
	{ PFA_OK, 0 }, { PFA_E_IO, 1 }, { PFA_E_FORMAT, 1 },
	{ PFA_E_USAGE, 2 }, { PFA_E_PERM, 2 }, { PFA_E_TARGET, 2 },
};

static void exit_status_tells_who_can_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(exits); i++)
		assert_int_equal(pfa_exit_status(exits[i].status),
				 exits[i].exit_status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_append_what_they_say),
		cmocka_unit_test(numbers_have_their_digits),
		cmocka_unit_test(terminator_is_not_part_of_the_text),
		cmocka_unit_test(text_grows_without_losing_a_byte),
		cmocka_unit_test(control_bytes_are_escaped_and_utf8_is_not),
		cmocka_unit_test(equal_texts_are_one_pointer),
		cmocka_unit_test(bytes_end_at_their_length_or_at_a_nul),
		cmocka_unit_test(interned_strings_stay_where_they_are),
		cmocka_unit_test(failure_is_formatted_once_and_returned),
		cmocka_unit_test(long_failure_is_cut),
		cmocka_unit_test(exit_status_tells_who_can_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
