/*
 * What a VMA is, in one word: text, rodata, data, bss, heap, stack, anon, file, shared,
 * hugetlb, vdso, vvar.
 */
#ifndef PFA_MODEL_VMA_CLASS_H
#define PFA_MODEL_VMA_CLASS_H

struct region;
struct vma;

/* `region` is that of the whole VMA (region_of_range). A constant. */
const char *vma_class(const struct vma *vma, const struct region *region);

#endif
