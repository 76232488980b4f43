/* Files that reports go to: buffering, the first error, a reader that went away. */
#include "../support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pfa/base/outfile.h"

struct temporary {
	char path[64];
};

static struct temporary temporary_file(void)
{
	struct temporary t = { "/tmp/pfa-outfile-XXXXXX" };
	int fd = mkstemp(t.path);

	assert_true(fd >= 0);
	close(fd);
	return t;
}

static size_t file_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

static void check_contents(const char *path, const char *wanted)
{
	char found[64] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fread(found, 1, sizeof(found) - 1, f), strlen(wanted));
	assert_string_equal(found, wanted);
	fclose(f);
}

static void what_was_appended_is_in_the_file_after_close(void **state)
{
	struct temporary t = temporary_file();
	struct outfile out;
	struct pfa_error err;

	(void)state;
	assert_int_equal(outfile_open(&out, t.path, &err), PFA_OK);
	text_str(&out.text, "Summary: ");
	outfile_push(&out);
	assert_int_equal(file_size(t.path), 0);
	text_str(&out.text, "major=1\n");
	assert_int_equal(outfile_close(&out, &err), PFA_OK);
	check_contents(t.path, "Summary: major=1\n");
	unlink(t.path);
}

static void file_that_exists_is_emptied(void **state)
{
	struct temporary t = temporary_file();
	struct outfile out;
	struct pfa_error err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(outfile_open(&out, t.path, &err), PFA_OK);
		text_str(&out.text, i ? "new" : "much longer and older");
		assert_int_equal(outfile_close(&out, &err), PFA_OK);
	}
	check_contents(t.path, "new");
	unlink(t.path);
}

static void large_buffer_is_written_out(void **state)
{
	struct temporary t = temporary_file();
	struct outfile out;
	struct pfa_error err;

	(void)state;
	assert_int_equal(outfile_open(&out, t.path, &err), PFA_OK);
	text_spaces(&out.text, 65535);
	outfile_push(&out);
	assert_int_equal(file_size(t.path), 0);
	text_spaces(&out.text, 1);
	outfile_push(&out);
	assert_int_equal(file_size(t.path), 65536);
	assert_int_equal(out.text.length, 0);
	text_spaces(&out.text, 10);
	outfile_flush(&out);
	assert_int_equal(file_size(t.path), 65546);
	assert_int_equal(outfile_close(&out, &err), PFA_OK);
	unlink(t.path);
}

static void path_that_cannot_be_written_is_refused(void **state)
{
	struct outfile out;
	struct pfa_error err;

	(void)state;
	assert_int_equal(outfile_open(&out, "/nowhere/x.csv", &err), PFA_E_IO);
	assert_string_equal(err.text, "cannot write /nowhere/x.csv: "
				      "No such file or directory "
				      "(choose another file)");
}

static void first_write_error_sticks_and_is_told_once(void **state)
{
	struct outfile out;
	struct pfa_error err;

	(void)state;
	assert_int_equal(outfile_open(&out, "/dev/full", &err), PFA_OK);
	assert_false(outfile_broken(&out));
	text_str(&out.text, "line\n");
	outfile_flush(&out);
	assert_true(outfile_broken(&out));
	text_str(&out.text, "more\n");
	outfile_flush(&out);
	assert_int_equal(out.text.length, 0);
	assert_int_equal(outfile_close(&out, &err), PFA_E_IO);
	assert_string_equal(err.text, "/dev/full: No space left on device; "
				      "the output ends there");
}

static void reader_that_went_away_is_no_error(void **state)
{
	struct outfile out;
	struct pfa_error err;
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(outfile_open(&out, NULL, &err), PFA_OK);
	assert_int_equal(out.fd, STDOUT_FILENO);
	out.fd = ends[1];
	close(ends[0]);
	text_str(&out.text, "line\n");
	outfile_flush(&out);
	assert_true(outfile_broken(&out));
	assert_int_equal(outfile_close(&out, &err), PFA_OK);
	close(ends[1]);
}

/* As another program that shares the terminal or pipe may have made it. */
static void output_that_does_not_block_waits_for_its_reader(void **state)
{
	enum { BYTES = 1 << 20 };
	static char chunk[64 * 1024];
	struct outfile out;
	struct pfa_error err;
	size_t received = 0;
	int pipe_fds[2];
	ssize_t n;
	pid_t writer;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	writer = fork();
	if (writer == 0) {
		dup2(pipe_fds[1], STDOUT_FILENO);
		close(pipe_fds[0]);
		fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
		if (outfile_open(&out, "-", &err))
			_exit(1);
		for (int i = 0; i < BYTES / (int)sizeof(chunk); i++)
			text_bytes(&out.text, chunk, sizeof(chunk));
		_exit(outfile_close(&out, &err) ? 1 : 0);
	}
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], chunk, sizeof(chunk))) > 0)
		received += (size_t)n;
	assert_int_equal(received, BYTES);
	close(pipe_fds[0]);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
}

static void dash_is_standard_output_and_stays_open(void **state)
{
	struct outfile out;
	struct pfa_error err;

	(void)state;
	assert_int_equal(outfile_open(&out, "-", &err), PFA_OK);
	assert_int_equal(out.fd, STDOUT_FILENO);
	assert_int_equal(outfile_close(&out, &err), PFA_OK);
	assert_int_not_equal(fcntl(STDOUT_FILENO, F_GETFD), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_appended_is_in_the_file_after_close),
		cmocka_unit_test(file_that_exists_is_emptied),
		cmocka_unit_test(large_buffer_is_written_out),
		cmocka_unit_test(path_that_cannot_be_written_is_refused),
		cmocka_unit_test(first_write_error_sticks_and_is_told_once),
		cmocka_unit_test(reader_that_went_away_is_no_error),
		cmocka_unit_test(output_that_does_not_block_waits_for_its_reader),
		cmocka_unit_test(dash_is_standard_output_and_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
