/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's allocator: malloc with a table of what is live.
 *
 * The blocks themselves come from the sanitizer's malloc, without a header of
 * ours, so that an access before or behind one is seen.
 */
#include "world.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *world_calloc(size_t n, size_t size);
void *world_realloc(void *old, size_t size);
char *world_strdup(const char *s);

enum { SLOTS = 1 << 16 };

static struct slot {
	void *block;
	size_t size;
	void *caller;
} slots[SLOTS];
static size_t live;

static size_t slot_of(const void *block)
{
	size_t i = ((uintptr_t)block >> 4) * 2654435761u % SLOTS;

	while (slots[i].block && slots[i].block != block)
		i = (i + 1) % SLOTS;
	return i;
}

static void *add(void *block, size_t size, void *caller)
{
	size_t i;

	if (!block)
		return NULL;
	if (live > SLOTS / 2)
		world_bug("more than %d blocks of memory are live", SLOTS / 2);
	i = slot_of(block);
	slots[i] = (struct slot){ block, size, caller };
	live++;
	return block;
}

/* Linear probing without tombstones: what follows in the cluster is put in anew. */
static void del(void *block)
{
	size_t i = slot_of(block);
	struct slot s;

	if (!slots[i].block)
		return;
	slots[i].block = NULL;
	live--;
	for (i = (i + 1) % SLOTS; slots[i].block; i = (i + 1) % SLOTS) {
		s = slots[i];
		slots[i].block = NULL;
		slots[slot_of(s.block)] = s;
	}
}

void *world_malloc(size_t size)
{
	return add(malloc(size), size, __builtin_return_address(0));
}

void *world_calloc(size_t n, size_t size)
{
	return add(calloc(n, size), n * size, __builtin_return_address(0));
}

void *world_realloc(void *old, size_t size)
{
	void *block;

	if (old)
		del(old);
	block = realloc(old, size);
	return add(block, size, __builtin_return_address(0));
}

char *world_strdup(const char *s)
{
	return add(strdup(s), strlen(s) + 1, __builtin_return_address(0));
}

void world_free(void *block)
{
	if (block)
		del(block);
	free(block);
}

size_t world_allocs(void)
{
	return live;
}

void world_allocs_print(void)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].block)
			fprintf(stderr, "live: %zu bytes, allocated at %p\n", slots[i].size, slots[i].caller);
}

void world_allocs_drop(void)
{
	for (size_t i = 0; live && i < SLOTS; i++)
		if (slots[i].block) {
			free(slots[i].block);
			slots[i].block = NULL;
			live--;
		}
}
