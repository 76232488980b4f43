/*
 * Output formats: one file and one row of formats.c each.
 *
 * A format turns observations that passed the view's filters into bytes of an
 * outfile. It keeps no state but what it is given.
 */
#ifndef PFA_REPORT_FORMAT_H
#define PFA_REPORT_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "pfa/base/text.h"
#include "pfa/model/observation.h"

struct alert;
struct naming;
struct view;

/* What every line needs beside its observation. */
struct line {
	const struct view *view;
	struct naming *naming;
	uint64_t number;    /* of the printed event, from 1 */
	uint64_t origin_ns; /* time zero of the run */
	bool several; /* processes: name them */
};

struct output_format {
	const char *name; /* "csv": the option is --csv=FILE */
	void (*begin)(struct text *out);
	void (*fault)(struct text *out, const struct line *line,
		      const struct fault *fault);
	void (*change)(struct text *out, const struct line *line,
		       const struct change *change);
	void (*life)(struct text *out, const struct line *line,
		     const struct life *life);
	void (*loss)(struct text *out, const struct line *line,
		     const struct loss *loss);
	void (*drift)(struct text *out, const struct line *line,
		      const struct drift *drift);
	void (*alert)(struct text *out, const struct line *line,
		      const struct alert *alert);
	void (*memory)(struct text *out, const struct line *line,
		       const struct memory_sample *sample);
};

extern const struct output_format text_format; /* the stream */
extern const struct output_format csv_format;

/* The exports, ended by NULL; the stream is not among them. */
extern const struct output_format *const export_formats[];

/* A cell of CSV: in quotes where it needs them. */
void csv_put_quoted(struct text *out, const char *s);

/* Shared by formats: "EACCES", "SEGV"; a number where there is no name. */
void put_error_name(struct text *out, int error);
void put_signal_name(struct text *out, int number);
/* A process ('P') or thread ('T'): its id, or "P2" with --fixed-ts. */
void put_task_name(struct text *out, const struct view *view, char letter,
		   uint32_t serial, uint32_t id);
bool footprint_is_known(const struct footprint *vmas);
/* Nanoseconds since the run began, or the logical tick. */
uint64_t line_time_ns(const struct line *line, uint64_t time_ns);

#endif
