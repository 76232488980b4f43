/*
 * What the model tells the reports: faults, changes of address spaces, lives of
 * processes, their memory at moments, whole layouts, losses. Plain data; pointers are borrowed for the call;
 * strings, regions, code and givers are interned for the session.
 */
#ifndef PFA_MODEL_OBSERVATION_H
#define PFA_MODEL_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(name as printed, in this order in every table) */
#define FAULT_TYPES(X) X(MAJOR) X(MINOR) X(COW) X(INVALID)

enum fault_type {
#define X(name) FAULT_##name,
	FAULT_TYPES(X)
#undef X
	FAULT_TYPE_COUNT
};

enum fault_access {
	ACCESS_UNKNOWN,
	ACCESS_READ,
	ACCESS_WRITE,
	ACCESS_EXEC,
};

/* How a page that is touched again had been given back before. */
enum refault {
	REFAULT_NONE,
	REFAULT_DONTNEED,
	REFAULT_FREE,
	REFAULT_SWAP,
	REFAULT_UNMAP, /* by munmap, brk, mremap or mapping over it: mapped again since */
};

/* Where an address lies: object and section. One struct a pair, interned. */
struct region {
	const char *object;  /* "libc.so.6", "[heap]", "anon", "unmapped" */
	const char *section; /* ".text", or "" */
	const char *text;    /* both, as printed */
};

/*
 * Where an instruction lies, under the same name in every run: its object, and its
 * address in that file's own terms (as nm and addr2line have it); the bare address
 * where it is in no file. The kernel's is told by function, as it moves at each boot.
 */
struct code {
	const char *object; /* "libc.so.6", "[kernel]"; NULL: in no file */
	uint64_t addr; /* the kernel's: from the start of the function */
	const char *text; /* "libc.so.6+0x10e5a3", "0x7f36a1c02f10" */
	const struct backing *backing; /* the file (model/backing.h); NULL: none */
	uint32_t pid; /* in no file: the process that it is of; else 0 */
	const char *function; /* the kernel's; NULL: unknown, or not the kernel's */
	uint32_t number; /* in order of appearance: for quick look-ups */
};

/* A call stack, interned: equal exactly if the pointers are. */
struct stack {
	/* The innermost first; then return addresses (or as such, see unwind()). */
	const struct code *const *frames;
	uint32_t count;
	bool cut; /* there are more, not recorded or not found */
	const char *call; /* the system call it is in, where the kernel's frames tell */
};

/* One way of giving memory back: by which call, from where, of what. */
struct giver {
	enum refault how;
	const char *call; /* "madvise(dontneed)", "munmap", "brk"; "reclaim": nobody called */
	const struct code *code; /* NULL: nobody's */
	const char *object; /* what was given back: "anon", "[heap]", "data.bin" */
};

/* The process an observation is about. */
struct actor {
	uint32_t pid, tid;
	uint32_t serial; /* of the process, by appearance, from 1 */
	uint32_t thread_serial; /* likewise of the thread */
	const char *comm; /* of the thread */
	const char *process_comm; /* of the leader */
};

#define LATENCY_UNKNOWN UINT64_MAX

struct fault {
	struct actor actor;
	uint32_t cpu;
	uint64_t time_ns; /* when its outcome was known */
	uint64_t latency_ns; /* from entry to completion, or LATENCY_UNKNOWN */
	uint64_t addr, ip;
	uint64_t page_size_bytes; /* 0: unknown */
	uint64_t phys; /* meaningful if has_phys and not 0 */
	bool has_phys;
	bool in_file; /* file_offset_bytes is meant */
	const struct backing *backing; /* with in_file: the file (model/backing.h) */
	uint64_t file_offset_bytes;
	bool kernel; /* taken in kernel mode, for the process */
	enum fault_type type;
	const char *kind; /* a row of classify.c; equal exactly if the pointer is */
	enum fault_access access;
	enum refault refault;
	const struct giver *giver; /* with refault: whose gift it was */
	/* COW of what a fork shares: the last fork of this address space; 0: it is not. */
	uint32_t fork; /* struct life's */
	bool child_side;
	const struct code *code; /* of `ip` */
	const struct stack *stack; /* NULL: not recorded */
	const struct region *region;
	/* What lies there: a place in a file's image, .bss included; or memory that
	 * something made. */
	const struct backing *image; /* NULL: in no ELF file's image */
	uint64_t image_addr; /* in the file's own terms; with `tls`: in its PT_TLS */
	bool tls;
	const struct origin *origin; /* NULL: unknown, or in a file; shared memory has one */
	uint64_t origin_offset; /* from the start of what was made */
	uint32_t stack_tid, stack_serial; /* whose stack it is; 0: none's, or unknown */
};

/* X(name as printed) */
#define CHANGE_KINDS(X)                                                     \
	X(MMAP_ADD) X(MUNMAP_REMOVE) X(BRK_GROW) X(BRK_SHRINK)              \
	X(RESIZE_MAPPING) X(MOVE_MAPPING) X(PERM_CHANGE) X(STACK_GROW) X(ADVISE)

enum change_kind {
#define X(name) CHANGE_##name,
	CHANGE_KINDS(X)
#undef X
	CHANGE_KIND_COUNT
};

/*
 * VMAs that a change touched, before and after: 1->2 is a split, 2->1 a merge, 3->0
 * three that were removed. What is new counts as none before, so that a mapping that
 * the kernel joined to its neighbour is 1->1.
 */
struct footprint {
	uint32_t before, after;
};

struct change {
	struct actor actor;
	uint32_t cpu;
	uint64_t time_ns;
	enum change_kind kind;
	uint64_t start, end; /* the range after the change, or the one removed */
	uint64_t old_start, old_end; /* MOVE, RESIZE */
	uint32_t prot, old_prot; /* PROT_* */
	bool shared;
	const char *advice; /* ADVISE */
	const struct region *region;
	struct footprint vmas;
	uint64_t made_bytes, removed_bytes; /* of address space */
	/* Of the address space, after it. */
	uint64_t vma_count, mapped_bytes, heap_bytes, stack_bytes;
	uint64_t ip; /* of the system call; 0: there was none */
	const struct code *code; /* of `ip`; NULL: there was none */
	const struct stack *stack; /* NULL: not recorded */
	uint64_t pages_given; /* touched pages that it gave back */
	const struct giver *giver; /* NULL: none */
	/* A call that failed changed nothing: what was asked for. */
	int error; /* an errno; 0: it succeeded */
	const char *call; /* "mmap"; NULL: the stack grew */
};

/* X(name as printed) */
#define LIFE_KINDS(X) X(FORK) X(EXEC_REBUILD) X(EXIT)

enum life_kind {
#define X(name) LIFE_##name,
	LIFE_KINDS(X)
#undef X
	LIFE_KIND_COUNT
};

/* What a process did, and the size of its address space. */
struct totals {
	uint64_t faults[FAULT_TYPE_COUNT];
	uint64_t fault_time_ns; /* of those whose latency is known */
	uint64_t records; /* of system calls that concern memory: entries and exits */
	uint64_t failed;  /* calls that returned an error */
	uint64_t changes[CHANGE_KIND_COUNT];
	uint64_t mapped_bytes, unmapped_bytes; /* by changes, summed: the churn */
	/* The address space at the end (an EXIT: just before), and at its largest. */
	uint64_t vma_count, vma_peak;
	uint64_t size_bytes, size_peak_bytes;
	/* Of its heap and its stack, at their largest since the last exec. */
	uint64_t heap_peak_bytes, stack_peak_bytes;
};

/* How a process or thread ended, as far as the records tell. */
enum ending {
	ENDED_UNKNOWN,
	ENDED_STATUS, /* it called exit: with this status */
	ENDED_SIGNAL, /* this signal killed it */
	ENDED_KILLED, /* by a signal; which one only its parent was told */
};

struct life {
	struct actor actor; /* FORK: the parent */
	uint32_t cpu;
	uint64_t time_ns;
	enum life_kind kind;
	struct actor child;  /* FORK */
	bool thread;         /* FORK: a thread; EXIT: only a thread ended */
	bool shared_space;   /* FORK: CLONE_VM without being a thread */
	uint32_t fork; /* FORK of a copy: its number, from 1; else 0 */
	/* EXEC_REBUILD: the program's path and that of the one before ("": unknown);
	 * VMAs dropped with the old image (0 where another process goes on with them)
	 * and made for the new one. */
	const char *image, *old_image;
	const struct backing *executable; /* that was mapped for it; NULL: unknown */
	uint64_t vmas_dropped, vmas_made;
	uint64_t mapped_bytes; /* EXEC_REBUILD: of the new image */
	/* EXIT */
	enum ending ending;
	int status; /* of exit, or the signal */
	const struct totals *totals; /* of a process; NULL: only a thread ended */
};

/* A process at its end, or at the end of the trace: told once of each. */
struct process_facts {
	struct actor actor; /* its first thread's */
	uint32_t parent; /* serial; 0: unknown */
	bool shared_space; /* it never had a space of its own: vfork without exec */
	bool existed; /* before the trace began */
	bool ended;
	uint64_t born_ns, ended_ns; /* seen first; end of the process, or of the trace */
	const struct totals *totals;
};

/* X(word as printed): why the memory of a process was looked at. */
#define SAMPLE_REASONS(X) X(interval) X(fork) X(exec) X(exit) X(end)

enum sample_reason {
#define X(name) SAMPLE_##name,
	SAMPLE_REASONS(X)
#undef X
	SAMPLE_REASON_COUNT
};

/*
 * The memory of a process at a moment: what the kernel says of it, and from the model
 * what no other place tells as well.
 */
struct memory_sample {
	struct actor actor;
	uint64_t time_ns;
	enum sample_reason reason; /* exit: the kernel tells no more than the peaks */
	uint64_t size_bytes; /* of the address space: VmSize */
	uint64_t anon_bytes, file_bytes, shmem_bytes; /* resident */
	uint64_t swap_bytes, table_bytes; /* swapped out; page tables */
	uint64_t size_peak_bytes, rss_peak_bytes; /* since exec: VmPeak, VmHWM */
	uint64_t heap_bytes, stack_bytes; /* the model's, at that moment */
};

/* X(word as printed): what made a mapping. */
#define ORIGIN_KINDS(X)                                                     \
	X(before) X(exec) X(mmap) X(brk) X(mremap) X(shmat) X(stack)

enum origin_kind {
#define X(name) ORIGIN_##name,
	ORIGIN_KINDS(X)
#undef X
	ORIGIN_KIND_COUNT
};

/* What made a mapping, when, and from where. Across fork it stays what it was. */
struct origin {
	enum origin_kind kind; /* before: it was there when the trace began */
	uint32_t maker; /* serial of the process */
	uint64_t time_ns;
	const struct code *code; /* of the system call; NULL: there was none */
	const struct stack *stack; /* its callers; NULL: not recorded */
};

/* A range of an address space, all of one make. */
struct mapping {
	uint64_t start, end;
	uint64_t pgoff_bytes, inode;
	uint32_t dev_major, dev_minor;
	uint32_t prot; /* PROT_* */
	bool shared;
	const char *name;  /* as /proc/PID/maps has it; "" for anonymous memory */
	const char *class; /* text, rodata, data, bss, heap, stack, anon, file, shared, vdso */
	const struct region *region;
	struct origin origin; /* of its first byte */
	uint64_t parts; /* mappings of different origin that the kernel joined in it */
	uint64_t faults[FAULT_TYPE_COUNT]; /* taken by this process, in what is here now */
	uint64_t touched_bytes; /* pages that a fault was seen on, ever */
};

/* An address space at one moment, in the order of addresses. */
struct layout {
	struct actor actor;
	uint64_t time_ns;
	bool at_exit; /* of its process; false: it lives on */
	bool suspect; /* records were lost */
	const struct mapping *vmas; /* as the kernel has them */
	size_t vma_count;
	const struct mapping *pieces; /* cut where their origins differ */
	size_t piece_count;
};

/* --verify: where the model and /proc/PID/maps differed. */
struct drift {
	struct actor actor;
	uint64_t time_ns;
	uint64_t start, end; /* the first such range */
	uint64_t ranges; /* how many there were */
	const char *modelled, *mapped; /* what each had there: "rw-p anon", "nothing" */
};

struct loss {
	uint32_t cpu;
	uint64_t time_ns;
	uint64_t count; /* 0: nobody knows */
};

/* The facts of the run as a whole, from the notes in the stream. */
struct run_facts {
	bool started, ended;
	uint64_t start_ns, end_ns;
	bool launched, full_privilege;
	bool has_counters; /* perf's own, read at the end */
	uint64_t counted_minor, counted_major, counted_lost;
	bool has_exit; /* of the launched program */
	int wait_status;
	bool has_rusage; /* it was all that was traced */
	uint64_t rusage_minor, rusage_major;
	/* Attached: summed over the processes of which both readings exist. */
	bool has_stat;
	uint64_t stat_minor, stat_major;
	uint64_t events, corrupt, late, lost;
	uint64_t gaps; /* losses of which nobody knows the size */
	bool stopped; /* at the limit of faults: what followed was left out */
	bool suspect; /* records were lost: for a while layouts may have been stale */
	bool no_calls; /* munmap and its like were not traced: nothing went */
	bool no_swap; /* the machine had none when the run began */
	/* Waited for memory, by /proc/pressure/memory: some of those who wanted to run,
	 * and all of them. */
	bool has_pressure;
	bool group_pressure; /* of the control group; else of the machine */
	uint64_t pressure_some_ns, pressure_full_ns;
	uint64_t thread_ns; /* all threads' time together, as far as they were traced */
	uint64_t unfinished; /* faults still open at the end of the trace */
	uint64_t retried;    /* faults begun again: interrupted, or page-fault-disabled */
	uint64_t unpaired;   /* completions whose beginning was not seen */
	/* All address spaces together, at the end and at their largest. */
	uint64_t vmas, vmas_peak, space_bytes, space_bytes_peak;
	/* --verify: layouts compared with /proc/PID/maps; not compared, as they changed
	 * meanwhile; ranges that differed, and were put right. */
	bool verified;
	uint64_t compared, unquiet, drifts;
	struct drift first_drift; /* if there were any */
};

struct observer {
	void *context;
	void (*fault)(void *context, const struct fault *fault);
	void (*change)(void *context, const struct change *change);
	void (*life)(void *context, const struct life *life);
	void (*loss)(void *context, const struct loss *loss);
	void (*process)(void *context, const struct process_facts *process);
	void (*layout)(void *context, const struct layout *layout);
	void (*drift)(void *context, const struct drift *drift);
	void (*memory)(void *context, const struct memory_sample *sample);
};

/* Of the page; where that is unknown, of a base page. */
uint64_t fault_size_bytes(const struct fault *fault);

const char *fault_type_name(enum fault_type type);
const char *fault_access_name(enum fault_access access); /* "r", "w", "x", "" */
const char *refault_name(enum refault refault);
const char *change_kind_name(enum change_kind kind);
const char *life_kind_name(enum life_kind kind);
/* Of a FORK or EXIT: "thread", "shared-space", "process". */
const char *life_what(const struct life *life);
const char *sample_reason_name(enum sample_reason reason);
/* What is resident, all kinds of it. */
uint64_t memory_rss_bytes(const struct memory_sample *sample);
const char *origin_kind_name(enum origin_kind kind);
/* "rw-p"; five bytes with the NUL. */
const char *prot_text(char buf[5], uint32_t prot, bool shared);

uint64_t totals_all_faults(const struct totals *totals);
uint64_t totals_all_changes(const struct totals *totals);

#endif
