/* A control group is a directory with a list of processes; so are those below it. */
#include "../support/check.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pfa/source/cgroup.h"
#include "pfa/source/procfs.h"

static char root[] = "/tmp/pfa-cgroup-XXXXXX";

static const char *path_of(const char *below)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s%s", root, below);
	return path;
}

/* Directories made to look like a hierarchy; "plain" and what it holds do not. */
static const struct {
	const char *directory, *procs;
} groups[] = {
	{ "", "100\n" },
	{ "/empty", "" },
	{ "/below", "200\n201\n" },
	{ "/below/deep", "300\n200\n" }, /* moved while we looked */
	{ "/plain", NULL },
	{ "/plain/deep", "400\n" },
	{ "/damaged", "500\nnonsense\n501\n" },
};

static int make_groups(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		char path[160];
		FILE *procs;

		if (i && mkdir(path_of(groups[i].directory), 0755))
			return -1;
		if (!groups[i].procs)
			continue;
		snprintf(path, sizeof(path), "%s/cgroup.procs",
			 path_of(groups[i].directory));
		procs = fopen(path, "we");
		if (!procs || fputs(groups[i].procs, procs) < 0 || fclose(procs))
			return -1;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static int remove_groups(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	const char *group;
	size_t count;
	pid_t pids[8];
} members[] = {
	{ "/empty", 0, { 0 } },
	{ "/below/deep", 2, { 300, 200 } },
	{ "/below", 3, { 200, 201, 300 } },
	{ "/damaged", 1, { 500 } }, /* as far as it can be read */
	{ "", 6, { 100, 200, 201, 300, 400, 500 } },
};

static void processes_of_a_group_and_those_below_are_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		struct pids pids = { 0 };
		struct cgroup cgroup;
		struct pfa_error err;

		assert_int_equal(cgroup_open(&cgroup, path_of(members[i].group), &err),
				 PFA_OK);
		assert_true(cgroup.fd >= 0);
		cgroup_processes(&cgroup, &pids);
		if (pids.count != members[i].count)
			fail_msg("'%s' has %zu", members[i].group, pids.count);
		for (size_t k = 0; k < members[i].count; k++)
			assert_true(pids_have(&pids, members[i].pids[k]));
		pids_release(&pids);
		cgroup_close(&cgroup);
		cgroup_close(&cgroup); /* harmless */
		assert_int_equal(cgroup.fd, -1);
	}
}

static void what_is_no_group_is_refused_with_the_remedy(void **state)
{
	static const char *const names[] = { "/plain", "/nowhere", "/below/cgroup.procs" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *path = path_of(names[i]);
		struct cgroup cgroup;
		struct pfa_error err;
		char wanted[256];

		assert_int_equal(cgroup_open(&cgroup, path, &err), PFA_E_TARGET);
		snprintf(wanted, sizeof(wanted), "no control group '%s' (see "
			 "/proc/PID/cgroup, or give its directory)", path);
		assert_string_equal(err.text, wanted);
		cgroup_close(&cgroup);
	}
}

/* Gone after it was found: nobody is in it, which is no error. */
static void group_that_went_away_has_no_members(void **state)
{
	struct pids pids = { 0 };
	struct cgroup cgroup;
	struct pfa_error err;
	char path[160];

	(void)state;
	assert_int_equal(cgroup_open(&cgroup, path_of("/empty"), &err), PFA_OK);
	snprintf(path, sizeof(path), "%s/cgroup.procs", path_of("/empty"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(path_of("/empty")), 0);
	cgroup_processes(&cgroup, &pids);
	assert_int_equal(pids.count, 0);
	pids_release(&pids);
	cgroup_close(&cgroup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_of_a_group_and_those_below_are_members),
		cmocka_unit_test(what_is_no_group_is_refused_with_the_remedy),
		cmocka_unit_test(group_that_went_away_has_no_members),
	};

	return cmocka_run_group_tests(tests, make_groups, remove_groups);
}
