#include "check.h"
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>

static void __attribute__((format(printf, 2, 3)))
tell(struct watch *w, const char *fmt, ...)
{
	const size_t room = sizeof(w->told) - w->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(w->told + w->used, room, fmt, ap);
	va_end(ap);
	assert_in_range(n, 0, room - 1);
	w->used += (size_t)n;
}

static void tell_actor(struct watch *w, const struct actor *actor)
{
	tell(w, "P%u.T%u", actor->serial, actor->thread_serial);
}

static void on_fault(void *context, const struct fault *f)
{
	struct watch *w = context;

	w->fault = *f;
	tell_actor(w, &f->actor);
	tell(w, " %s %s %s %s", fault_type_name(f->type), f->kind, f->region->text,
	     f->access ? fault_access_name(f->access) : "?");
	if (f->latency_ns != LATENCY_UNKNOWN)
		tell(w, " +%" PRIu64, f->latency_ns);
	if (f->refault)
		tell(w, " refault=%s", refault_name(f->refault));
	tell(w, "%s\n", f->kernel ? " kernel" : "");
}

static void on_change(void *context, const struct change *c)
{
	struct watch *w = context;

	tell_actor(w, &c->actor);
	if (c->error) {
		tell(w, " %s %" PRIx64 "-%" PRIx64 " %s\n", c->call, c->start >> 12,
		     c->end >> 12, strerrorname_np(c->error));
		return;
	}
	tell(w, " %s %" PRIx64 "-%" PRIx64 " %s\n", change_kind_name(c->kind),
	     c->start >> 12, c->end >> 12, c->region->text);
}

static void on_life(void *context, const struct life *l)
{
	struct watch *w = context;

	w->life = *l;
	tell_actor(w, &l->actor);
	tell(w, " %s", life_kind_name(l->kind));
	if (l->kind == LIFE_FORK) {
		tell(w, " ");
		tell_actor(w, &l->child);
	}
	if (l->kind == LIFE_EXEC_REBUILD)
		tell(w, " %s\n", l->image);
	else
		tell(w, " %s\n", l->thread	   ? "thread"
				 : l->shared_space ? "shared-space"
						   : "process");
}

static void on_loss(void *context, const struct loss *loss)
{
	tell(context, "LOST %" PRIu64 "\n", loss->count);
}

static void on_drift(void *context, const struct drift *d)
{
	tell(context, "P%u DRIFT %" PRIx64 "-%" PRIx64 " %s, mapped %s, of %" PRIu64 "\n",
	     d->actor.serial, d->start >> 12, d->end >> 12, d->modelled, d->mapped,
	     d->ranges);
}

struct observer watch_observer(struct watch *watch)
{
	return (struct observer){ .context = watch, .fault = on_fault,
				  .change = on_change, .life = on_life,
				  .loss = on_loss, .drift = on_drift };
}

void check_told(struct watch *watch, const char *lines)
{
	assert_string_equal(watch->told, lines);
	watch->used = 0;
	watch->told[0] = '\0';
}
