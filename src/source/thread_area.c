#include "pfa/source/thread_area.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* glibc's control block is 2.3 KiB long, musl's 200 bytes. */
enum { PAGE = 4096, WORD = 8, BLOCK_WORDS = PAGE / WORD, SELF_WORD = 2 };

static bool robust_head_of(pid_t tid, uint64_t *head)
{
	void *list = NULL;
	size_t length;

	if (syscall(SYS_get_robust_list, tid, &list, &length))
		return false;
	*head = (uint64_t)(uintptr_t)list;
	return *head && *head % WORD == 0;
}

/* Reads the words up to `end`: a page of them, or as many as are in its own page. */
static size_t read_below(pid_t tid, uint64_t end, uint64_t words[BLOCK_WORDS])
{
	size_t bytes = PAGE;

	for (int i = 0; i < 2; i++) {
		struct iovec here = { words, bytes };
		struct iovec there = { (void *)(uintptr_t)(end - bytes), bytes };

		if (bytes && process_vm_readv(tid, &here, 1, &there, 1, 0) == (ssize_t)bytes)
			return bytes / WORD;
		bytes = end % PAGE;
	}
	return 0;
}

/*
 * The thread pointer leads to a word that holds its own address ("ELF Handling For
 * Thread-Local Storage", 3.4.6). In glibc the third one does, too (tcbhead_t in
 * sysdeps/x86_64/nptl/tls.h), which lists that are empty do not have.
 */
static uint64_t find_pointer(const uint64_t *words, size_t count, uint64_t end, bool strict)
{
	for (size_t i = count; i-- > 0;) {
		uint64_t addr = end - (count - i) * WORD;
		bool has_self = i + SELF_WORD < count && words[i + SELF_WORD] == addr;

		if (words[i] == addr && (has_self || !strict))
			return addr;
	}
	return 0;
}

bool thread_area_read(pid_t tid, struct thread_area *area)
{
	uint64_t words[BLOCK_WORDS], head;
	size_t count;

	if (!robust_head_of(tid, &head))
		return false;
	count = read_below(tid, head, words);
	area->robust_head = head;
	area->pointer = find_pointer(words, count, head, true);
	if (!area->pointer)
		area->pointer = find_pointer(words, count, head, false);
	return area->pointer;
}
