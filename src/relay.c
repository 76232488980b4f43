#include "pfa/relay.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pfa/base/mem.h"
#include "pfa/decode/keeper.h"
#include "pfa/decode/record.h"

/* Of records that wait: what the rings of a machine hold several times; where memory is
 * limited, a part of that. */
#define WAITING_MAX (256ULL << 20)
enum { MEMORY_SHARE = 8 };

/* Deeper than any of our own calls; libdw and libiberty take some. */
enum { STACK_BYTES = 2 << 20 };

struct batch {
	struct batch *next;
	struct record *records;
	size_t count, capacity;
	uint64_t bytes;
	uint64_t limit_ns; /* of the round; 0: records come without one */
};

struct relay {
	struct consumer consumer; /* first */
	const struct evlist *list;
	struct relay_far far;
	struct keeper *keeper;
	struct batch *filling;
	pthread_t thread;
	bool threaded; /* it has been started, and not joined */
	atomic_int tid; /* its number; 0: it has not begun */
	bool patient, never_patient; /* it gives way to others; it must not */
	int usual_nice;
	atomic_bool over; /* the far side wants no more */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t handed, taken;
	struct batch *first, **last, *spare;
	uint64_t waiting_bytes, waiting_max;
	bool ending, ended; /* no more will come; all has come */
};

/* ---- the far side ---- */

/* Waits for a batch; NULL: there will be none. */
static struct batch *next_batch(struct relay *r)
{
	struct batch *batch;

	pthread_mutex_lock(&r->lock);
	while (!r->first && !r->ended)
		pthread_cond_wait(&r->handed, &r->lock);
	batch = r->first;
	if (batch)
		r->first = batch->next;
	if (!r->first)
		r->last = &r->first;
	pthread_mutex_unlock(&r->lock);
	return batch;
}

static void free_batch(struct batch *batch)
{
	if (batch)
		free(batch->records);
	free(batch);
}

static void give_back(struct relay *r, struct batch *batch)
{
	struct batch *unused;

	pthread_mutex_lock(&r->lock);
	r->waiting_bytes -= batch->bytes;
	unused = r->spare;
	r->spare = batch;
	pthread_cond_signal(&r->taken);
	pthread_mutex_unlock(&r->lock);
	free_batch(unused);
}

static void *run(void *context)
{
	struct relay *r = context;
	struct batch *batch;

	atomic_store(&r->tid, gettid());
	while ((batch = next_batch(r))) {
		for (size_t i = 0; i < batch->count; i++)
			r->far.take(r->far.context, &batch->records[i]);
		if (batch->limit_ns && !atomic_load(&r->over) &&
		    !r->far.round(r->far.context, batch->limit_ns))
			atomic_store(&r->over, true);
		give_back(r, batch);
	}
	return NULL;
}

/* ---- whose turn it is ---- */

/*
 * Where CPUs are short the far side leaves them to those who are traced, until half of
 * what may wait does: a storm on all CPUs took 1.05 times as long as beneath perf record,
 * not 1.18 times. (At nice 19 it was away for so long, with a lock of the allocator, that rings
 * overflowed.) Only who may take that back does it, which is who drains with more than
 * the usual priority.
 */
enum { PATIENT_NICE = 10 };

/* A privilege: who drains shows it by its own priority, and one step is tried. */
static bool may_take_back(const struct relay *r, id_t tid)
{
	errno = 0;
	return getpriority(PRIO_PROCESS, 0) < 0 && !errno &&
	       !setpriority(PRIO_PROCESS, tid, r->usual_nice + 1) &&
	       !setpriority(PRIO_PROCESS, tid, r->usual_nice);
}

static void be_patient(struct relay *r, bool patient)
{
	id_t tid = (id_t)atomic_load(&r->tid);

	if (r->patient == patient || r->never_patient || !tid)
		return;
	r->never_patient = patient && (r->usual_nice >= PATIENT_NICE ||
				       !may_take_back(r, tid));
	if (!r->never_patient &&
	    !setpriority(PRIO_PROCESS, tid, patient ? PATIENT_NICE : r->usual_nice))
		r->patient = patient;
}

/* ---- the near side ---- */

static void put(void *context, const struct perf_event_header *header)
{
	struct relay *r = context;
	struct batch *batch = r->filling;

	batch->records = pfa_grow(batch->records, batch->count, &batch->capacity,
				  sizeof(*batch->records));
	header = keeper_copy(r->keeper, header);
	batch->records[batch->count] = record_of(r->list, header);
	batch->bytes += batch->records[batch->count++].size;
}

/* An empty batch behind others tells nothing that they do not. */
static bool is_superfluous(const struct relay *r, const struct batch *batch)
{
	return !batch->count && r->first;
}

static struct batch *new_batch(struct relay *r)
{
	struct batch *batch = r->spare;

	r->spare = NULL;
	if (!batch)
		return pfa_alloc(sizeof(*batch));
	batch->count = 0;
	batch->bytes = 0;
	return batch;
}

static void hand_over(struct relay *r, uint64_t limit_ns)
{
	pthread_mutex_lock(&r->lock);
	if (!is_superfluous(r, r->filling)) {
		r->filling->limit_ns = limit_ns;
		r->filling->next = NULL;
		r->waiting_bytes += r->filling->bytes;
		*r->last = r->filling;
		r->last = &r->filling->next;
		r->filling = new_batch(r);
		pthread_cond_signal(&r->handed);
	}
	be_patient(r, r->waiting_bytes < r->waiting_max / 2 && !r->ending);
	while (r->waiting_bytes > r->waiting_max)
		pthread_cond_wait(&r->taken, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

static bool near_round(struct consumer *consumer, uint64_t limit_ns, uint64_t bytes)
{
	struct relay *r = (struct relay *)consumer;

	(void)bytes;
	hand_over(r, limit_ns);
	return !atomic_load(&r->over);
}

static uint64_t waiting_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur / MEMORY_SHARE > WAITING_MAX)
		return WAITING_MAX;
	return limit.rlim_cur / MEMORY_SHARE;
}

enum pfa_status relay_open(struct relay **out, const struct evlist *list,
			   const struct relay_far *far, int wake_fd,
			   struct pfa_error *err)
{
	struct relay *r = pfa_alloc(sizeof(*r));
	pthread_attr_t attr;
	int error;

	r->consumer = (struct consumer){ { put, r }, near_round, wake_fd };
	r->list = list;
	r->far = *far;
	r->keeper = keeper_new();
	r->filling = pfa_alloc(sizeof(*r->filling));
	r->last = &r->first;
	r->waiting_max = waiting_max();
	r->usual_nice = getpriority(PRIO_PROCESS, 0);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->handed, NULL);
	pthread_cond_init(&r->taken, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	error = pthread_create(&r->thread, &attr, run, r);
	pthread_attr_destroy(&attr);
	r->threaded = !error;
	if (error) {
		relay_free(r);
		return pfa_fail(err, PFA_E_IO, "cannot start a thread: %s (raise ulimit -u, "
				"or ulimit -v for memory)", strerror(error));
	}
	*out = r;
	return PFA_OK;
}

struct consumer *relay_consumer(struct relay *relay)
{
	return &relay->consumer;
}

struct keeper *relay_keeper(struct relay *relay)
{
	return relay->keeper;
}

void relay_end(struct relay *r)
{
	r->ending = true;
	hand_over(r, 0);
	pthread_mutex_lock(&r->lock);
	r->ended = true;
	pthread_cond_signal(&r->handed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	r->threaded = false;
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	if (r->threaded)
		relay_end(r);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->handed);
	pthread_cond_destroy(&r->taken);
	free_batch(r->filling);
	free_batch(r->spare);
	keeper_free(r->keeper);
	free(r);
}
