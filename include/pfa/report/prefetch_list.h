/*
 * What to read ahead of a start-up: ranges of files, a line each,
 *
 *     /usr/lib/x86_64-linux-gnu/libc.so.6<TAB>0<TAB>176128
 *
 * path, offset and length in bytes. Files come in the order of their first touch; the
 * ranges of one by offset, so that they are read forwards. Ranges that fault-around may
 * have bridged (16 pages or less between them) are one. Deleted files and what is no
 * file of a file system are left out. The last page may reach past the end of its file.
 */
#ifndef PFA_REPORT_PREFETCH_LIST_H
#define PFA_REPORT_PREFETCH_LIST_H

struct first_touch;
struct outfile;

void prefetch_list_print(const struct first_touch *first, struct outfile *out);

#endif
