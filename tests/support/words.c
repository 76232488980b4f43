#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pfa/base/intern.h"

/* ---- words ---- */

void words_complain(struct words *w, const char *what, const char *word)
{
	if (!w->complaint.status)
		pfa_fail(&w->complaint, PFA_E_FORMAT, "%s '%s'", what, word);
}

static void skip_blanks(struct words *w)
{
	w->at += strspn(w->at, " \t");
}

const char *words_take(struct words *w)
{
	char *word;

	skip_blanks(w);
	word = w->at;
	w->at += strcspn(w->at, " \t");
	if (*w->at)
		*w->at++ = '\0';
	return word;
}

const char *words_rest(struct words *w)
{
	const char *rest;

	skip_blanks(w);
	rest = w->at;
	w->at += strlen(w->at);
	if (!*rest)
		words_complain(w, "the line lacks", "its last word");
	return intern_text(w->strings, rest);
}

bool words_flag(struct words *w, const char *flag)
{
	size_t length = strlen(flag);

	skip_blanks(w);
	if (strncmp(w->at, flag, length) != 0 ||
	    (w->at[length] && !isblank((unsigned char)w->at[length])))
		return false;
	words_take(w);
	return true;
}

bool words_key(struct words *w, const char *key)
{
	size_t length = strlen(key);

	skip_blanks(w);
	if (strncmp(w->at, key, length) != 0)
		return false;
	w->at += length;
	return true;
}

void words_need_key(struct words *w, const char *key)
{
	if (!words_key(w, key))
		words_complain(w, "the line lacks", key);
}

bool words_end(struct words *w)
{
	skip_blanks(w);
	return !*w->at;
}

/* ---- numbers ---- */

#define NAMED(name) { #name, name }

static const struct {
	const char *name;
	uint64_t value;
} names[] = {
	NAMED(PROT_NONE), NAMED(PROT_READ), NAMED(PROT_WRITE), NAMED(PROT_EXEC),
	NAMED(MAP_SHARED), NAMED(MAP_PRIVATE), NAMED(MAP_FIXED),
	NAMED(MAP_ANONYMOUS), NAMED(MAP_GROWSDOWN), NAMED(MAP_HUGETLB),
	NAMED(MREMAP_MAYMOVE), NAMED(MREMAP_FIXED), NAMED(MREMAP_DONTUNMAP),
	NAMED(MADV_DONTNEED), NAMED(MADV_FREE), NAMED(MADV_PAGEOUT),
	NAMED(MADV_REMOVE), NAMED(MADV_DONTFORK), NAMED(MADV_WIPEONFORK),
	NAMED(CLONE_VM), NAMED(CLONE_VFORK), NAMED(CLONE_THREAD),
	NAMED(SIGSEGV), NAMED(SIGBUS), NAMED(SIGUSR1), NAMED(SIGABRT),
	NAMED(SIGKILL), NAMED(SIGCHLD), NAMED(SIGWINCH), NAMED(SI_USER),
	NAMED(SI_KERNEL), NAMED(SEGV_MAPERR), NAMED(SEGV_ACCERR),
	NAMED(SEGV_PKUERR), NAMED(BUS_ADRERR),
	NAMED(ENOMEM), NAMED(EINVAL), NAMED(EACCES), NAMED(EFAULT),
};

#undef NAMED

static bool named_value(const char *name, size_t length, uint64_t *value)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i].name) != length ||
		    memcmp(names[i].name, name, length) != 0)
			continue;
		*value = names[i].value;
		return true;
	}
	return false;
}

static bool plain_value(const char *digits, size_t length, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*value = strtoull(digits, &end, 0);
	return !errno && end == digits + length;
}

/* A number that ends at one of `stops`, or at the end of the word. */
static uint64_t number_until(struct words *w, const char *stops)
{
	char *start = w->at;
	size_t length = strcspn(start, stops);
	uint64_t sum = 0, value;
	bool negative = *start == '-';
	const char *at = start + negative, *end = start + length;

	for (;; at++) {
		size_t n = strcspn(at, "|");

		if (n > (size_t)(end - at))
			n = (size_t)(end - at);
		if (!plain_value(at, n, &value) && !named_value(at, n, &value)) {
			words_complain(w, "not a number:", start);
			break;
		}
		sum |= value;
		at += n;
		if (at == end)
			break;
	}
	w->at += length;
	return negative ? -sum : sum;
}

bool words_at_digit(struct words *w)
{
	skip_blanks(w);
	return isdigit((unsigned char)*w->at);
}

uint64_t words_number(struct words *w)
{
	skip_blanks(w);
	return number_until(w, " \t");
}

uint64_t words_number_of(struct words *w, const char *key, uint64_t otherwise)
{
	return words_key(w, key) ? words_number(w) : otherwise;
}

void words_pair(struct words *w, char between, uint64_t *first, uint64_t *second)
{
	const char stops[] = { between, ' ', '\t', '\0' };

	skip_blanks(w);
	*first = number_until(w, stops);
	if (*w->at != between) {
		words_complain(w, "two numbers wanted, at", w->at);
		return;
	}
	w->at++;
	*second = words_number(w);
}

void words_task(struct words *w, uint32_t *pid, uint32_t *tid)
{
	skip_blanks(w);
	*pid = *tid = (uint32_t)number_until(w, "/ \t");
	if (*w->at != '/')
		return;
	w->at++;
	*tid = (uint32_t)words_number(w);
}
