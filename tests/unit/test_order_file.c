/* Order files: of the functions of this very program, as its symbols tell them. */
#include "../support/check.h"

#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pfa/base/outfile.h"
#include "pfa/model/backing.h"
#include "pfa/model/observation.h"
#include "pfa/report/naming.h"
#include "pfa/report/order_file.h"
#include "pfa/symbol/elf_layout.h"
#include "pfa/symbol/symbols.h"

/* Two pages of functions: where they lie is not for the compiler to choose. */
#define FUNCTION(name) \
	".type " #name ", @function\n" #name ":\nnop\nnop\n.size " #name ", 2\n"

__asm__(".pushsection .text.pages, \"ax\", @progbits\n.balign 4096\n"
	".globl page_one_first\n"
	FUNCTION(page_one_first) FUNCTION(page_one_second) FUNCTION(page_one_third)
	".balign 4096\n"
	FUNCTION(page_two_first)
	".balign 4096\n.popsection");

extern void page_one_first(void);
extern void page_one_second(void);
extern void page_one_third(void);
extern void page_two_first(void);

/* ---- this program as a trace knows it ---- */

struct world {
	char path[512];
	struct backing program, other;
	uint64_t bias;
	struct symbols *symbols;
	struct naming *naming;
	struct order_file *order;
};

static int note_bias(struct dl_phdr_info *info, size_t size, void *bias)
{
	(void)size;
	*(uint64_t *)bias = info->dlpi_addr; /* the program comes first */
	return 1;
}

static void begin(struct world *w, const char *object)
{
	static const struct symbols_options options;
	ssize_t length = readlink("/proc/self/exe", w->path, sizeof(w->path) - 1);
	struct pfa_error err;
	int fd;

	assert_true(length > 0);
	w->path[length] = '\0';
	w->program = (struct backing){ .name = w->path, .label = "program",
				       .kind = BACKING_FILE };
	w->other = (struct backing){ .name = "/nowhere/libother.so",
				     .label = "libother.so", .kind = BACKING_FILE };
	fd = open(w->path, O_RDONLY);
	assert_int_equal(elf_layout_read(fd, &w->program.layout, &err), PFA_OK);
	close(fd);
	dl_iterate_phdr(note_bias, &w->bias);
	w->symbols = symbols_new(&options);
	w->naming = naming_new(w->symbols);
	w->order = order_file_new(object, w->naming);
}

static void end(struct world *w)
{
	order_file_free(w->order);
	naming_free(w->naming);
	symbols_free(w->symbols);
	elf_layout_free(w->program.layout);
}

static struct code code_of(const struct world *w, void (*function)(void), uint64_t offset)
{
	return (struct code){ .object = "program", .text = "program+0x1",
			      .addr = (uintptr_t)function - w->bias + offset,
			      .backing = &w->program };
}

static void exec_program(struct world *w)
{
	const struct life life = { .kind = LIFE_EXEC_REBUILD,
				   .executable = &w->program };
	const struct life again = { .kind = LIFE_EXEC_REBUILD, .executable = &w->other };

	order_file_life(w->order, &life);
	order_file_life(w->order, &again);
}

/* A fault of the code, on data. */
static void fault_by(struct world *w, const struct code *code, const struct stack *stack)
{
	const struct fault fault = { .type = FAULT_MINOR, .access = ACCESS_READ,
				     .code = code, .stack = stack };

	order_file_fault(w->order, &fault);
}

static void fetch(struct world *w, const struct code *code)
{
	const struct fault fault = { .type = FAULT_MAJOR, .access = ACCESS_EXEC,
				     .code = code, .image = &w->program,
				     .image_addr = code->addr };

	order_file_fault(w->order, &fault);
}

static enum pfa_status printed(struct world *w, char *got, size_t size,
			       struct pfa_error *err)
{
	char path[] = "/tmp/pfa-order-XXXXXX";
	enum pfa_status status;
	struct pfa_error unused;
	struct outfile out;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(outfile_open(&out, path, &unused), PFA_OK);
	status = order_file_print(w->order, &out, err);
	assert_int_equal(outfile_close(&out, &unused), PFA_OK);
	memset(got, 0, size);
	assert_true(read(fd, got, size - 1) >= 0);
	close(fd);
	unlink(path);
	return status;
}

#define RAN "# Known to have run, in order of their first fault\n"
#define FETCHED "# On pages of code that were fetched: may have run\n"

static void check(struct world *w, const char *wanted)
{
	char got[4096];
	struct pfa_error err;

	if (printed(w, got, sizeof(got), &err))
		fail_msg("%s", err.text);
	assert_string_equal(got, wanted);
	end(w);
}

static void check_refusal(struct world *w, const char *wanted)
{
	char got[4096];
	struct pfa_error err;

	assert_int_equal(printed(w, got, sizeof(got), &err), PFA_E_TARGET);
	assert_string_equal(err.text, wanted);
	end(w);
}

/* ---- */

static void functions_come_once_in_order_of_their_first_fault(void **state)
{
	struct world w;
	struct code two, one, inside;

	(void)state;
	begin(&w, NULL);
	two = code_of(&w, page_two_first, 0);
	one = code_of(&w, page_one_third, 0);
	inside = code_of(&w, page_two_first, 1);
	exec_program(&w);
	fault_by(&w, &two, NULL);
	fault_by(&w, &one, NULL);
	fault_by(&w, &inside, NULL);
	fault_by(&w, NULL, NULL);
	check(&w, RAN "page_two_first\npage_one_third\n" FETCHED);
}

/* The caller began before. Its return address may lie behind it. */
static void callers_come_before_what_they_called(void **state)
{
	struct world w;
	struct code inner, outer;
	const struct code *const frames[] = { &inner, &outer };
	const struct stack stack = { frames, COUNT_OF(frames), false, NULL };

	(void)state;
	begin(&w, NULL);
	inner = code_of(&w, page_two_first, 0);
	outer = code_of(&w, page_one_second, 0);
	exec_program(&w);
	fault_by(&w, &inner, &stack);
	check(&w, RAN "page_one_first\npage_two_first\n" FETCHED);
}

static void others_of_a_page_follow_those_that_ran(void **state)
{
	struct world w;
	struct code two, one;

	(void)state;
	begin(&w, NULL);
	two = code_of(&w, page_two_first, 0);
	one = code_of(&w, page_one_second, 0);
	exec_program(&w);
	fetch(&w, &one);
	fault_by(&w, &two, NULL);
	check(&w, RAN "page_one_second\npage_two_first\n"
	      FETCHED "page_one_first\npage_one_third\n");
}

static void a_glob_chooses_other_objects(void **state)
{
	struct world w;
	struct code other = { .object = "libother.so", .text = "libother.so+0x10",
			      .addr = 0x10 };
	struct code program;

	(void)state;
	begin(&w, "prog*");
	other.backing = &w.other;
	program = code_of(&w, page_two_first, 0);
	fault_by(&w, &other, NULL);
	fault_by(&w, &program, NULL);
	check(&w, RAN "page_two_first\n" FETCHED);
	begin(&w, "libother*");
	other.backing = &w.other;
	fault_by(&w, &other, NULL);
	check_refusal(&w, "--order-file: libother* has no symbols (is it stripped?)");
	begin(&w, "libc.so*");
	check_refusal(&w, "--order-file: no code of libc.so* took a fault (see "
			  "--first-touch for what did)");
}

static void without_an_exec_the_object_must_be_named(void **state)
{
	struct world w;

	(void)state;
	begin(&w, NULL);
	check_refusal(&w, "--order-file: no exec was seen: name the object with "
			  "--object=GLOB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_come_once_in_order_of_their_first_fault),
		cmocka_unit_test(callers_come_before_what_they_called),
		cmocka_unit_test(others_of_a_page_follow_those_that_ran),
		cmocka_unit_test(a_glob_chooses_other_objects),
		cmocka_unit_test(without_an_exec_the_object_must_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
