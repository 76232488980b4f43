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

/* Reads so many bytes below `end`; returns how many words that is, 0: they are not there. */
static size_t read_below(pid_t tid, uint64_t end, size_t bytes, uint64_t *words)
{
	struct iovec here = { words, bytes };
	struct iovec there = { (void *)(uintptr_t)(end - bytes), bytes };

	if (!bytes || process_vm_readv(tid, &here, 1, &there, 1, 0) != (ssize_t)bytes)
		return 0;
	return bytes / WORD;
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

/* Most often it is in the page of the list's head; only else the one below is looked at. */
static uint64_t pointer_below(pid_t tid, uint64_t head)
{
	uint64_t words[BLOCK_WORDS], pointer;
	size_t count = read_below(tid, head, head % PAGE, words);

	pointer = find_pointer(words, count, head, true);
	if (pointer)
		return pointer;
	count = read_below(tid, head, PAGE, words);
	pointer = find_pointer(words, count, head, true);
	return pointer ? pointer : find_pointer(words, count, head, false);
}

bool thread_area_read(pid_t tid, struct thread_area *area)
{
	if (!robust_head_of(tid, &area->robust_head))
		return false;
	area->pointer = pointer_below(tid, area->robust_head);
	return area->pointer;
}
