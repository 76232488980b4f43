#include "pfa/report/top_keys.h"

#include <string.h>

#include "pfa/base/text.h"

static void begin_typing(struct top *t, struct top_look *look)
{
	look->typing = true;
	look->typed_length = strlen(t->wanted.region);
	memcpy(look->typed, t->wanted.region, look->typed_length + 1);
}

static void end_typing(struct top *t, struct top_look *look)
{
	look->typing = false;
	memcpy(t->wanted.region, look->typed, sizeof(t->wanted.region));
}

static void type(struct top *t, struct top_look *look, int key)
{
	if (key == TOP_KEY_ENTER)
		end_typing(t, look);
	else if (key == TOP_KEY_ESCAPE)
		look->typing = false;
	else if (key == TOP_KEY_ERASE && look->typed_length)
		look->typed_length--;
	else if (key == TOP_KEY_ERASE_LINE)
		look->typed_length = 0;
	else if (key >= ' ' && key < 127 && look->typed_length + 1 < TOP_GLOB_MAX)
		look->typed[look->typed_length++] = (char)key;
	look->typed[look->typed_length] = '\0';
}

/* All types, then one after the other. */
static void next_type(struct top *t)
{
	unsigned type = t->wanted.types;

	type = !type ? 1 : type << 1;
	t->wanted.types = type < 1U << FAULT_TYPE_COUNT ? type : 0;
}

static void show_all(struct top *t)
{
	t->wanted = (struct top_filter){ 0 };
}

static void act(struct top *t, struct top_look *look, int key)
{
	switch (key) {
	case 'p':
	case ' ':
		t->paused = !t->paused;
		break;
	case 's':
		look->by_time = !look->by_time;
		break;
	case 'w':
		look->whole = !look->whole;
		break;
	case 't':
		next_type(t);
		break;
	case '/':
		begin_typing(t, look);
		break;
	case 'a':
		show_all(t);
		break;
	}
}

enum top_wish top_key(struct top *t, struct top_look *look, int key)
{
	if (key == TOP_KEY_GONE)
		return TOP_QUIT;
	if (look->typing)
		type(t, look, key);
	else if (key == 'q' || key == 'Q')
		return TOP_QUIT;
	else
		act(t, look, key);
	return TOP_DRAW;
}

void top_put_keys(const struct top_look *look, struct text *out)
{
	if (look->typing)
		text_printf(out, "region (a glob as libc*, Enter, Esc): %s_", look->typed);
	else
		text_str(out, "q quit  p pause  s sort  w whole run  / region  t type  "
			 "a all");
}
