/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - the revisioned table: what sabusd knows, and in which order it came to know it.
 *
 * Everything that a watcher can be told is an entry: an SA, a session, a tunnel, a call, the publisher's state.  Each change gives the entry the next
 * revision and moves it to the end of the log.  The log holds each entry once, at its last change, so a reader that walks it from its
 * cursor to the end sees the present state of all that changed meanwhile, and no more.  A snapshot is the same walk from 0.
 *
 *   log:      [rev 3: SA 7] [rev 9: SA 2] [-] [rev 12: SA 5 deleted] [rev 13: publisher]
 *   cursor 9:                             ^ a watcher here has two things to be told
 *
 * A deleted entry stays as a tombstone, so that the walk tells of the deletion; the oldest tombstones are purged beyond TABLE_TOMBSTONES and
 * `purged` is the highest revision that was lost that way: a cursor below it cannot catch up and starts again from 0 (RESYNC).
 *
 * Address index.  A bucket is a remote address.  An SA hangs in the bucket of its remote endpoint and, for tunnel mode, of its one inner
 * address, or in `any` when its selectors are ranges.  Watchers hang in the bucket of their filter, or in `any`.  So who must be told of a
 * change, and which SAs a flow may mean, are both two list walks.  When an SA's buckets change (MOBIKE, or an id used again), a MOVED
 * entry is left for the old ones: their watchers are told the present state of that id, wherever it is now.
 *
 * Ownership: the table owns entries and buckets; blobs are copied in.  A bucket lives while a link or a watcher refers to it.
 * Nothing here does I/O.  Revisions start at 1; 0 is "before everything".
 */
#ifndef SABUSD_TABLE_H
#define SABUSD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>
#include "sabus.h"

#define TABLE_TOMBSTONES 4096  /* entries kept to tell of deletions */
#define TABLE_PENDING_MS 60000 /* a PENDING SA that comes to nothing leaves after that */

struct entry;
struct watch;

struct link {
	struct entry *entry;
	struct bucket *bucket;	  /* holds a reference, also while the entry is a tombstone */
	struct link *prev, *next; /* in bucket->sas while the entry is live */
};

struct bucket {
	struct sabus_addr addr; /* the key; bytes beyond the family's length are zero */
	uint32_t refs;
	struct link *sas;
	struct watch *watchers; /* watch.c's list */
	UT_hash_handle hh;
};

enum entry_kind { ENTRY_SA, ENTRY_MOVED, ENTRY_PUBLISHER, ENTRY_SESSION, ENTRY_TUNNEL, ENTRY_CALL, ENTRY_KINDS };

struct entry {
	uint64_t revision; /* of the last change */
	uint32_t log_pos;
	uint32_t id; /* of the SA; of the others a running number */
	enum entry_kind kind : 8;
	enum sabus_cause cause : 8; /* of a tombstone */
	enum sabus_sa_state state : 8;
	bool live : 1;
	bool orphan : 1;    /* its publisher is gone */
	bool stale : 1;	    /* not put since SYNC_BEGIN */
	bool has_links : 1; /* link[] is there */
	uint32_t len;
	void *blob;		    /* SA: attributes as they came; session, tunnel, call: the whole message for watchers, of a tombstone too */
	struct sabus_mark set_mark; /* to skip a bucket's SAs without decoding them */
	int64_t deadline;	    /* ms, PENDING only */
	struct entry *prev, *next;  /* in tombs, or in pending */
	UT_hash_handle hh;	    /* SAs by id */
	struct link link[];	    /* two (unused: bucket == NULL), or none: sessions and the like, of which there are many, have no address here */
};

/*
 * scope: whom the entry concerns, where that is one group: the watchers of a bucket, or (the table's own address) those of sessions; NULL = look at the
 * entry.  It is compared, never followed: a walk over ten thousand entries of others must not touch their memory.
 */
struct log_rec {
	uint64_t revision;
	struct entry *entry; /* NULL: it has changed since and is further on */
	const void *scope;
};

struct table {
	struct entry *by_id; /* SAs, live ones and tombstones */
	struct bucket *buckets;
	struct bucket *any;
	struct entry *pending, *tombs; /* oldest first */
	struct entry *publisher;       /* the one ENTRY_PUBLISHER */
	enum sabus_publisher publisher_state;
	struct log_rec *log;
	size_t log_len, log_cap, log_dead;
	uint64_t revision, purged;
	uint32_t n_sas, n_orphans, n_stale, n_tombs, next_id;
	uint32_t n_messages[ENTRY_KINDS]; /* live ones: of sessions, tunnels, calls */
	uint32_t max_sas;
	bool syncing;  /* between SYNC_BEGIN and SYNC_END */
	bool overflow; /* an SA did not fit since the last whole sync: nothing can be said to be ABSENT */
	void (*changed)(void *ctx, const struct entry *e); /* after each change; must not change the table */
	void *ctx;
};

void table_init(struct table *t, uint32_t max_sas, void (*changed)(void *, const struct entry *), void *ctx);
void table_free(struct table *t);

/*
 * blob: the SA's attributes as they came, sa: the same decoded.  now in ms.  -ENOSPC: max_sas reached, not stored, `overflow` is set.
 * During a sync stale SAs do not count: they are about to leave, and a publisher that starts with new ids must find room.
 */
int table_sa_put(struct table *t, const struct sabus_sa *sa, const void *blob, size_t len, int64_t now);
bool table_sa_del(struct table *t, uint32_t id, enum sabus_cause cause); /* false: no such SA */
struct entry *table_sa_find(const struct table *t, uint32_t id);	 /* also tombstones; NULL */

void table_sync_begin(struct table *t); /* all SAs are stale now */
void table_sync_end(struct table *t);	/* what still is leaves with CAUSE_RESYNC */
void table_orphan_all(struct table *t);
void table_drop_orphans(struct table *t);		 /* CAUSE_PUBLISHER_LOST */
void table_expire_pending(struct table *t, int64_t now); /* CAUSE_FAILED */
void table_set_publisher(struct table *t, enum sabus_publisher state);

/*
 * A session, tunnel or call: a new entry, then its message for watchers as often as it changes, at last the message of its deletion.
 * The entry is its owner's until that; then it belongs to the table.
 */
bool entry_is_message(const struct entry *e);
struct entry *table_message_new(struct table *t, enum entry_kind kind);
void table_message_put(struct table *t, struct entry *e, const void *msg, size_t len); /* what is the same tells nobody */
void table_message_del(struct table *t, struct entry *e, const void *msg, size_t len);

/* ---- changelog.c ---- */
void log_touch(struct table *t, struct entry *e);	  /* next revision, end of the log, changed() */
void log_forget(struct table *t, struct entry *e);	  /* e leaves the log */
size_t log_after(const struct table *t, uint64_t cursor); /* index of the first record with a greater revision */

/* ---- bucket.c ---- */
struct bucket *bucket_get(struct table *t, const struct sabus_addr *addr);	  /* takes a reference, makes it when needed */
struct bucket *bucket_find(const struct table *t, const struct sabus_addr *addr); /* no reference; NULL */
void bucket_ref(struct bucket *b);
void bucket_put(struct table *t, struct bucket *b);
void entry_hang(struct entry *e); /* into the SA lists of its buckets */
void entry_unhang(struct entry *e);
bool entry_in(const struct entry *e, const struct bucket *b);
/* Buckets for sa: out[0..1], references taken, out[1] may be NULL. */
void bucket_of_sa(struct table *t, const struct sabus_sa *sa, struct bucket *out[2]);

#endif
