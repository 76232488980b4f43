#include "pfa/report/map_columns.h"

#include <inttypes.h>
#include <stddef.h>

#include "pfa/base/text.h"
#include "pfa/model/observation.h"
#include "pfa/pages/process.h"
#include "pfa/pages/vm_flags.h"

uint64_t map_vma_kb(const struct map_vma *vma)
{
	return (vma->end - vma->start) / 1024;
}

/* ---- numbers ---- */

static uint64_t kb_size(uint64_t size_kb, const struct smaps *smaps)
{
	(void)smaps;
	return size_kb;
}

#define NUMBER(column, expression)                                          \
	static uint64_t kb_##column(uint64_t size_kb, const struct smaps *s) \
	{                                                                   \
		(void)size_kb;                                              \
		return expression;                                          \
	}

NUMBER(rss, s->rss)
NUMBER(pss, s->pss)
NUMBER(private, s->private_clean + s->private_dirty)
NUMBER(shared, s->shared_clean + s->shared_dirty)
NUMBER(clean, s->private_clean + s->shared_clean)
NUMBER(dirty, s->private_dirty + s->shared_dirty)
NUMBER(anon, s->anonymous)
NUMBER(swap, s->swap)
NUMBER(huge, s->anon_huge + s->shmem_huge + s->file_huge)
NUMBER(hugetlb, s->shared_hugetlb + s->private_hugetlb)
NUMBER(locked, s->locked)
NUMBER(ksm, s->ksm)
NUMBER(referenced, s->referenced)
NUMBER(lazyfree, s->lazy_free)
NUMBER(pss_dirty, s->pss_dirty)
NUMBER(swap_pss, s->swap_pss)
#undef NUMBER

/* ---- text ---- */

static void put_range(struct text *out, const struct map_vma *vma)
{
	text_printf(out, "%08" PRIx64 "-%08" PRIx64, vma->start, vma->end);
}

static void put_perms(struct text *out, const struct map_vma *vma)
{
	char prot[5];

	text_str(out, prot_text(prot, vma->prot, vma->shared));
}

static void put_class(struct text *out, const struct map_vma *vma)
{
	text_str(out, vma->class);
}

static void put_name(struct text *out, const struct map_vma *vma)
{
	text_str(out, vma->region->text);
}

static void put_offset(struct text *out, const struct map_vma *vma)
{
	text_printf(out, "%08" PRIx64, vma->pgoff_bytes);
}

static void put_dev(struct text *out, const struct map_vma *vma)
{
	text_printf(out, "%02x:%02x", vma->dev_major, vma->dev_minor);
}

static void put_inode(struct text *out, const struct map_vma *vma)
{
	text_dec(out, vma->inode);
}

static void put_page(struct text *out, const struct map_vma *vma)
{
	text_dec(out, vma->smaps.page);
}

static void put_path(struct text *out, const struct map_vma *vma)
{
	text_escaped(out, vma->path);
}

static void put_flags(struct text *out, const struct map_vma *vma)
{
	vm_flags_put(out, vma->smaps.flags, vma->smaps.flags_length);
}

/* ---- the table: X(name, usual, number or text, its function) ---- */

#define COLUMNS(X)                                                          \
	X(range, COLUMN_ALWAYS, .put = put_range)                           \
	X(perms, COLUMN_ALWAYS, .put = put_perms)                           \
	X(class, COLUMN_ALWAYS, .put = put_class)                           \
	X(size, COLUMN_ALWAYS, .kb = kb_size)                               \
	X(rss, COLUMN_ALWAYS, .kb = kb_rss)                                 \
	X(pss, COLUMN_ALWAYS, .kb = kb_pss)                                 \
	X(private, COLUMN_SELDOM, .kb = kb_private)                         \
	X(shared, COLUMN_SELDOM, .kb = kb_shared)                           \
	X(clean, COLUMN_SELDOM, .kb = kb_clean)                             \
	X(dirty, COLUMN_ALWAYS, .kb = kb_dirty)                             \
	X(anon, COLUMN_SELDOM, .kb = kb_anon)                               \
	X(swap, COLUMN_IF_NOT_ZERO, .kb = kb_swap)                          \
	X(huge, COLUMN_IF_NOT_ZERO, .kb = kb_huge)                          \
	X(hugetlb, COLUMN_IF_NOT_ZERO, .kb = kb_hugetlb)                    \
	X(locked, COLUMN_IF_NOT_ZERO, .kb = kb_locked)                      \
	X(ksm, COLUMN_IF_NOT_ZERO, .kb = kb_ksm)                            \
	X(referenced, COLUMN_SELDOM, .kb = kb_referenced)                   \
	X(lazyfree, COLUMN_SELDOM, .kb = kb_lazyfree)                       \
	X(pss_dirty, COLUMN_SELDOM, .kb = kb_pss_dirty)                     \
	X(swap_pss, COLUMN_SELDOM, .kb = kb_swap_pss)                       \
	X(page, COLUMN_SELDOM, .put = put_page)                             \
	X(offset, COLUMN_SELDOM, .put = put_offset)                         \
	X(dev, COLUMN_SELDOM, .put = put_dev)                               \
	X(inode, COLUMN_SELDOM, .put = put_inode)                           \
	X(name, COLUMN_ALWAYS, .put = put_name)                             \
	X(path, COLUMN_SELDOM, .put = put_path)                             \
	X(vmflags, COLUMN_SELDOM, .put = put_flags)

const struct map_column map_columns[MAP_COLUMNS] = {
#define X(column, when, function) { .name = #column, .usual = when, function },
	COLUMNS(X)
#undef X
};

const char *const map_column_names[MAP_COLUMNS + 1] = {
#define X(column, when, function) #column,
	COLUMNS(X)
#undef X
	NULL
};
