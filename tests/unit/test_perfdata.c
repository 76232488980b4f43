/* Captures written by the writer, and what is left of them when it cannot write. */
#include "capture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/utsname.h>

static void events_names_and_ids_are_read_back(void **state)
{
	struct bytes capture = capture_of(1);
	struct reading r = read_bytes(capture.at, capture.length);

	(void)state;
	assert_non_null(r.capture);
	assert_int_equal(r.list->count, EVENT_ROWS);
	assert_int_equal(evlist_resolve(r.list, r.formats, &r.err), PFA_OK);
	for (size_t i = 0; i < EVENT_ROWS; i++) {
		const struct event_row *row = &event_rows[i];
		const struct evsel *evsel = r.list->evsels[i];

		assert_string_equal(evsel->name, row->name);
		assert_int_equal(evsel->attr.type, row->type);
		assert_int_equal(evsel->attr.config, row->config);
		assert_int_equal(evsel->role, row->role);
		for (size_t k = 0; row->ids[k]; k++)
			assert_ptr_equal(evlist_by_id(r.list, row->ids[k]), evsel);
	}
	reading_release(&r);
	free(capture.at);
}

static void records_are_read_back_in_order(void **state)
{
	const size_t many = 50000; /* several buffers */
	struct bytes capture = capture_of(many);
	struct reading r = read_bytes(capture.at, capture.length);

	(void)state;
	for (size_t i = 0; i < many; i++) {
		const struct fault_record wanted = fault_at(1000 + i);

		assert_memory_equal(perfdata_next(r.capture), &wanted,
				    sizeof(wanted));
	}
	assert_null(perfdata_next(r.capture));
	assert_null(perfdata_next(r.capture));
	assert_true(perfdata_info(r.capture)->finished);
	reading_release(&r);
	free(capture.at);
}

static void batch_larger_than_the_buffer_keeps_the_order(void **state)
{
	enum { BATCH = 20000 };
	struct fault_record *batch = pfa_alloc(BATCH * sizeof(*batch));
	struct memory_file file = memory_file_new();
	struct perfdata_writer *writer;
	struct reading r = reading_new();
	struct bytes capture;

	(void)state;
	for (size_t i = 0; i < BATCH; i++)
		batch[i] = fault_at(i);
	assert_int_equal(writer_at(&writer, file.path, &r.err), PFA_OK);
	assert_int_equal(perfdata_write_round(writer, &r.err), PFA_OK);
	assert_int_equal(perfdata_write(writer, batch, BATCH * sizeof(*batch),
					&r.err), PFA_OK);
	assert_int_equal(perfdata_writer_finish(writer, 0, 1, &r.err), PFA_OK);
	reading_release(&r);

	capture = memory_file_take(&file);
	r = read_bytes(capture.at, capture.length);
	assert_int_equal(record_type(perfdata_next(r.capture)),
			 RECORD_FINISHED_ROUND);
	assert_int_equal(count_records(&r), BATCH);
	reading_release(&r);
	free(capture.at);
	free(batch);
}

static void capture_says_where_and_by_what_it_was_made(void **state)
{
	struct bytes capture = capture_of(1);
	struct reading r = read_bytes(capture.at, capture.length);
	const struct perfdata_info *info = perfdata_info(r.capture);
	struct utsname host;

	(void)state;
	uname(&host);
	assert_string_equal(info->hostname, host.nodename);
	assert_string_equal(info->os_release, host.release);
	assert_string_equal(info->arch, host.machine);
	assert_non_null(info->version);
	assert_int_equal(info->cpus_online, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(info->finished);
	assert_null(info->cut_reason);
	reading_release(&r);
	free(capture.at);
}

static void capture_without_records_is_finished(void **state)
{
	struct bytes capture = capture_of(0);
	struct reading r = read_bytes(capture.at, capture.length);

	(void)state;
	assert_true(count_records(&r) <= 1); /* a round at most */
	assert_true(perfdata_info(r.capture)->finished);
	reading_release(&r);
	free(capture.at);
}

/* As after a SIGKILL: the header was never rewritten. */
static void capture_never_finished_decodes_what_was_written(void **state)
{
	enum { BATCH = 20000 };
	struct memory_file file = memory_file_new();
	struct perfdata_writer *writer;
	struct reading r = reading_new();
	struct fault_record fault = fault_at(7);
	size_t read_back;

	(void)state;
	assert_int_equal(writer_at(&writer, file.path, &r.err), PFA_OK);
	for (size_t i = 0; i < BATCH; i++)
		assert_int_equal(perfdata_write(writer, &fault, sizeof(fault),
						&r.err), PFA_OK);
	assert_int_equal(perfdata_open(&r.capture, file.path, r.list, r.formats,
				       &r.err), PFA_OK);
	assert_int_equal(evlist_resolve(r.list, r.formats, &r.err), PFA_OK);
	assert_non_null(evlist_by_role(r.list, ROLE_FAULT_USER));
	assert_non_null(evlist_by_role(r.list, ROLE_NOTE));
	read_back = count_records(&r);
	assert_in_range(read_back, BATCH / 2, BATCH);
	assert_false(perfdata_info(r.capture)->finished);
	assert_non_null(strstr(perfdata_info(r.capture)->cut_reason,
			       "cut off after "));
	reading_release(&r);
	assert_int_equal(perfdata_writer_finish(writer, 0, 1, &r.err), PFA_OK);
	close(file.fd);
}

/* ---- failures of writing ---- */

static void limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Writes faults into a file that may not grow past `limit`. */
static struct bytes capture_with_limit(size_t faults, size_t limit,
				       struct pfa_error *err)
{
	struct memory_file file = memory_file_new();
	struct perfdata_writer *writer;
	enum pfa_status status = PFA_OK;

	assert_int_equal(writer_at(&writer, file.path, err), PFA_OK);
	limit_file_size(limit);
	for (size_t i = 0; i < faults; i++) {
		const struct fault_record fault = fault_at(i);

		status = perfdata_write(writer, &fault, sizeof(fault), err);
	}
	*err = (struct pfa_error){ 0 };
	assert_int_not_equal(perfdata_writer_finish(writer, 0, 1, err), PFA_OK);
	limit_file_size(RLIM_INFINITY);
	assert_true(status == PFA_OK || status == PFA_E_IO);
	return memory_file_take(&file);
}

static void check_what_fitted(size_t faults, size_t limit)
{
	struct pfa_error err;
	struct bytes capture = capture_with_limit(faults, limit, &err);
	struct reading r = read_bytes(capture.at, capture.length);
	const size_t room = limit - header_of(capture)->data.offset;

	assert_non_null(strstr(err.text, strerror(EFBIG)));
	assert_non_null(strstr(err.text, "kept up to here"));
	assert_true(capture.length <= limit);
	assert_non_null(r.capture);
	assert_int_equal(evlist_resolve(r.list, r.formats, &r.err), PFA_OK);
	assert_non_null(evlist_by_role(r.list, ROLE_FAULT_USER));
	if (room / sizeof(struct fault_record) < faults)
		assert_int_equal(count_records(&r),
				 room / sizeof(struct fault_record));
	else
		assert_int_equal(count_records(&r), faults);
	assert_false(perfdata_info(r.capture)->finished);
	reading_release(&r);
	free(capture.at);
}

static void full_disk_keeps_every_whole_record_that_reached_it(void **state)
{
	const size_t faults = 100;
	struct bytes capture = capture_of(faults);
	const struct perfdata_section data = header_of(capture)->data;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	/* From room for no record to all but one byte of the feature sections. */
	for (size_t at = data.offset; at < capture.length; at++)
		check_what_fitted(faults, at);
	check_what_fitted(faults, capture.length - 1);
	check_what_fitted(20000, data.offset + 300001); /* in a later buffer */
	free(capture.at);
}

static void after_a_failure_every_write_says_the_same(void **state)
{
	struct memory_file file = memory_file_new();
	struct perfdata_writer *writer;
	struct fault_record *batch = pfa_alloc(1 << 20);
	struct pfa_error err, again;

	(void)state;
	for (size_t i = 0; i < (1 << 20) / sizeof(*batch); i++)
		batch[i] = fault_at(i);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(writer_at(&writer, file.path, &err), PFA_OK);
	limit_file_size(64 << 10);
	assert_int_equal(perfdata_write(writer, batch, 1 << 20, &err), PFA_E_IO);
	limit_file_size(RLIM_INFINITY); /* room again, but there would be a gap */
	assert_int_equal(perfdata_write(writer, batch, sizeof(*batch), &again),
			 PFA_E_IO);
	assert_string_equal(err.text, again.text);
	assert_int_equal(perfdata_write_round(writer, &again), PFA_E_IO);
	assert_int_equal(perfdata_writer_finish(writer, 0, 1, &again), PFA_E_IO);
	assert_string_equal(err.text, again.text);
	close(file.fd);
	free(batch);
}

struct bad_path {
	const char *path;
	enum pfa_status status;
	const char *reason;
};

static void path_that_cannot_hold_a_capture_is_refused(void **state)
{
	char pipe_path[32];
	int ends[2];
	const struct bad_path rows[] = {
		{ "/dev/full", PFA_E_IO, "No space left on device" },
		{ "/nowhere/x.data", PFA_E_IO, "No such file or directory" },
		{ "/", PFA_E_IO, "Is a directory" },
		{ "-", PFA_E_USAGE, "name a file with -o" },
		{ pipe_path, PFA_E_USAGE, "cannot go to a pipe" },
	};

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(pipe_path, sizeof(pipe_path), "/proc/self/fd/%d", ends[1]);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct perfdata_writer *writer;
		struct pfa_error err;

		assert_int_equal(writer_at(&writer, rows[i].path, &err),
				 rows[i].status);
		assert_null(writer);
		assert_non_null(strstr(err.text, rows[i].reason));
		assert_non_null(strstr(err.text, "-o"));
	}
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_names_and_ids_are_read_back),
		cmocka_unit_test(records_are_read_back_in_order),
		cmocka_unit_test(batch_larger_than_the_buffer_keeps_the_order),
		cmocka_unit_test(capture_says_where_and_by_what_it_was_made),
		cmocka_unit_test(capture_without_records_is_finished),
		cmocka_unit_test(capture_never_finished_decodes_what_was_written),
		cmocka_unit_test(full_disk_keeps_every_whole_record_that_reached_it),
		cmocka_unit_test(after_a_failure_every_write_says_the_same),
		cmocka_unit_test(path_that_cannot_hold_a_capture_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
