#include "events.h"

#include <string.h>
#include <sys/mman.h>

static struct event event_of(enum event_kind kind, uint64_t time_ns, struct who who)
{
	struct event e;

	memset(&e, 0, sizeof(e));
	e.kind = kind;
	e.time_ns = time_ns;
	e.pid = who.pid;
	e.tid = who.tid;
	return e;
}

struct event ev_fault_begin(uint64_t time_ns, struct who who, uint64_t addr,
			    uint32_t error_code)
{
	struct event e = event_of(EVENT_FAULT_BEGIN, time_ns, who);

	e.begin.addr = addr;
	e.begin.ip = 0x401000;
	e.begin.error_code = error_code | FAULT_USER;
	return e;
}

struct event ev_kernel_fault_begin(uint64_t time_ns, struct who who, uint64_t addr,
				   uint32_t error_code)
{
	struct event e = ev_fault_begin(time_ns, who, addr, error_code);

	e.begin.error_code = error_code;
	e.begin.kernel = true;
	return e;
}

struct event ev_fault_end(uint64_t time_ns, struct who who, uint64_t addr,
			  uint64_t phys)
{
	struct event e = event_of(EVENT_FAULT_END, time_ns, who);

	e.end.addr = addr;
	e.end.ip = 0x401000;
	e.end.page_size = 4096;
	e.end.phys = phys;
	e.end.has_phys = true;
	e.end.has_addr = true;
	return e;
}

struct event ev_major_end(uint64_t time_ns, struct who who, uint64_t addr,
			  uint64_t phys)
{
	struct event e = ev_fault_end(time_ns, who, addr, phys);

	e.end.major = true;
	return e;
}

struct event ev_call_begin_args(uint64_t time_ns, struct who who, enum mm_call call,
				const uint64_t args[MM_CALL_ARGS])
{
	struct event e = event_of(EVENT_CALL_BEGIN, time_ns, who);

	e.call_begin.call = call;
	memcpy(e.call_begin.args, args, sizeof(e.call_begin.args));
	return e;
}

struct event ev_call_end(uint64_t time_ns, struct who who, enum mm_call call,
			 int64_t result)
{
	struct event e = event_of(EVENT_CALL_END, time_ns, who);

	e.call_end.call = call;
	e.call_end.result = result;
	return e;
}

struct event ev_mmap(uint64_t time_ns, struct who who, uint64_t start, uint64_t end,
		     const char *perms, const char *name)
{
	struct event e = event_of(EVENT_MMAP, time_ns, who);

	e.mmap.start = start;
	e.mmap.length = end - start;
	e.mmap.prot = (perms[0] == 'r' ? PROT_READ : 0) |
		      (perms[1] == 'w' ? PROT_WRITE : 0) |
		      (perms[2] == 'x' ? PROT_EXEC : 0);
	e.mmap.flags = perms[3] == 's' ? MAP_SHARED : MAP_PRIVATE;
	e.mmap.has_attr = true;
	e.mmap.name = name;
	return e;
}

struct event ev_map_file(uint64_t time_ns, struct who who, uint64_t start, uint64_t end,
			 const char *perms, uint64_t pgoff_bytes, uint64_t inode,
			 const char *name)
{
	struct event e = ev_mmap(time_ns, who, start, end, perms, name);

	e.mmap.pgoff_bytes = pgoff_bytes;
	e.mmap.inode = inode;
	return e;
}

struct event ev_task_new(uint64_t time_ns, struct who who, uint32_t child,
			 uint64_t clone_flags)
{
	struct event e = event_of(EVENT_TASK_NEW, time_ns, who);

	e.task_new.child = child;
	e.task_new.clone_flags = clone_flags;
	return e;
}

struct event ev_fork(uint64_t time_ns, struct who parent, struct who child)
{
	struct event e = event_of(EVENT_FORK, time_ns, parent);

	e.fork.parent_pid = parent.pid;
	e.fork.parent_tid = parent.tid;
	e.fork.child_pid = child.pid;
	e.fork.child_tid = child.tid;
	return e;
}

struct event ev_comm(uint64_t time_ns, struct who who, const char *comm)
{
	struct event e = event_of(EVENT_COMM, time_ns, who);

	e.comm.comm = comm;
	return e;
}

struct event ev_exec_comm(uint64_t time_ns, struct who who, const char *comm)
{
	struct event e = ev_comm(time_ns, who, comm);

	e.comm.exec = true;
	return e;
}

struct event ev_exec(uint64_t time_ns, struct who who, const char *filename)
{
	struct event e = event_of(EVENT_EXEC, time_ns, who);

	e.exec.filename = filename;
	e.exec.old_tid = who.tid;
	return e;
}

struct event ev_exit(uint64_t time_ns, struct who who)
{
	return event_of(EVENT_EXIT, time_ns, who);
}

struct event ev_signal(uint64_t time_ns, struct who who, int signal, int code)
{
	struct event e = event_of(EVENT_SIGNAL, time_ns, who);

	e.signal.signal = signal;
	e.signal.code = code;
	e.signal.target = who.tid;
	return e;
}

struct event ev_lost(uint64_t time_ns, uint64_t count)
{
	struct event e = event_of(EVENT_LOST, time_ns, (struct who){ 0, 0 });

	e.lost.count = count;
	return e;
}

struct event ev_note(uint64_t time_ns, uint32_t pid, const char *text)
{
	struct event e = event_of(EVENT_NOTE, time_ns, (struct who){ pid, pid });

	e.note.bytes = text;
	e.note.length = strlen(text);
	return e;
}
