/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.c - see request.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include "choose.h"
#include "report.h"
#include "request.h"

#define REKEY_WAIT_MS 200
#define REKEY_TRIES   50 /* 10 s */
#define CHAIN_MAX     64 /* rekeys followed; more is a loop that only wrong ids could make */

struct doomed {
	uint32_t id;
	UT_hash_handle hh;
};

struct request {
	struct sabus_requests *all;
	struct asker asker;
	enum sabus_op op;
	uint32_t sa_id;
	struct sabus_flow flow;
	char text[INITIATE_NAME_MAX]; /* why, or the connection */
	unsigned tries;
};

struct deadline {
	struct initiations *all;
	uint32_t number;
};

int request_init(struct sabus_requests *r, struct publisher *publisher)
{
	r->publisher = publisher;
	r->successors = calloc(REQUEST_SUCCESSORS, sizeof(*r->successors));
	if (!r->successors)
		return -ENOMEM;
	pthread_mutex_init(&r->mutex, NULL);
	initiate_init(&r->initiations, publisher);
	return 0;
}

static void pardon(struct sabus_requests *r, struct doomed *d)
{
	HASH_DEL(r->doomed, d);
	free(d);
}

void request_free(struct sabus_requests *r)
{
	struct doomed *d, *next;

	if (!r->successors)
		return;
	HASH_ITER(hh, r->doomed, d, next)
	{
		pardon(r, d);
	}
	initiate_free(&r->initiations);
	pthread_mutex_destroy(&r->mutex);
	free(r->successors);
}

/* ---- rekeyed and doomed ones ---- */

void request_replaced(struct sabus_requests *r, uint32_t old, uint32_t new)
{
	pthread_mutex_lock(&r->mutex);
	r->successors[old % REQUEST_SUCCESSORS] = (struct successor){ .old = old, .new = new };
	pthread_mutex_unlock(&r->mutex);
}

/* What it was rekeyed to, through all rekeys. */
static uint32_t latest(struct sabus_requests *r, uint32_t id)
{
	pthread_mutex_lock(&r->mutex);
	for (int i = 0; i < CHAIN_MAX; i++) {
		const struct successor *s = &r->successors[id % REQUEST_SUCCESSORS];

		if (s->old != id || !s->new)
			break;
		id = s->new;
	}
	pthread_mutex_unlock(&r->mutex);
	return id;
}

static void condemn(struct sabus_requests *r, uint32_t id)
{
	struct doomed *d;

	pthread_mutex_lock(&r->mutex);
	HASH_FIND(hh, r->doomed, &id, sizeof(id), d);
	if (!d)
		d = calloc(1, sizeof(*d));
	if (d && !d->id) { /* without memory it counts as living: its IKE_SA stays, which harms nobody */
		d->id = id;
		HASH_ADD(hh, r->doomed, id, sizeof(d->id), d);
	}
	pthread_mutex_unlock(&r->mutex);
}

static bool is_doomed(struct sabus_requests *r, uint32_t id)
{
	struct doomed *d;

	pthread_mutex_lock(&r->mutex);
	HASH_FIND(hh, r->doomed, &id, sizeof(id), d);
	pthread_mutex_unlock(&r->mutex);
	return d != NULL;
}

void request_child_gone(struct sabus_requests *r, uint32_t id)
{
	struct doomed *d;

	pthread_mutex_lock(&r->mutex);
	HASH_FIND(hh, r->doomed, &id, sizeof(id), d);
	if (d)
		pardon(r, d);
	pthread_mutex_unlock(&r->mutex);
}

/* ---- DELETE ---- */

static void answer(const struct request *q, int error, const char *text)
{
	publisher_result(q->all->publisher, q->asker.connection, q->asker.seq, error, text);
}

static bool lives(struct sabus_requests *r, child_sa_t *child)
{
	switch (child->get_state(child)) {
	case CHILD_REKEYED:
	case CHILD_DELETING:
	case CHILD_DELETED:
	case CHILD_DESTROYING: return false;
	default: return !is_doomed(r, child->get_unique_id(child));
	}
}

static bool has_other_child(struct sabus_requests *r, ike_sa_t *ike, uint32_t id)
{
	enumerator_t *children = ike->create_child_sa_enumerator(ike);
	child_sa_t *child;
	bool other = false;

	while (!other && children->enumerate(children, &child))
		other = child->get_unique_id(child) != id && lives(r, child);
	children->destroy(children);
	return other;
}

/* Is a new CHILD_SA being negotiated on it? */
static bool makes_child(ike_sa_t *ike)
{
	static const task_queue_t queues[] = { TASK_QUEUE_ACTIVE, TASK_QUEUE_PASSIVE, TASK_QUEUE_QUEUED };
	bool found = false;

	for (size_t i = 0; i < countof(queues); i++) {
		enumerator_t *tasks = ike->create_task_enumerator(ike, queues[i]);
		task_t *task;

		while (!found && tasks->enumerate(tasks, &task))
			found = task->get_type(task) == TASK_CHILD_CREATE || task->get_type(task) == TASK_QUICK_MODE;
		tasks->destroy(tasks);
	}
	return found;
}

/* ike is checked out, and in again when this returns. */
static void delete_now(const struct request *q, ike_sa_t *ike, child_sa_t *child)
{
	uint32_t id = child->get_unique_id(child);
	bool shared = has_other_child(q->all, ike, id) || makes_child(ike);
	char text[200];
	status_t status;

	snprintf(text, sizeof(text), "%s CHILD_SA %.60s{%u}%s%.60s%s", shared ? "deleting" : "deleting the IKE_SA of the last", child->get_name(child), id,
		 q->text[0] ? " (" : "", q->text, q->text[0] ? ")" : "");
	report_limited(LOG_NOTICE, "request op=delete sa=%s{%u} text=\"%s\"", child->get_name(child), id, text);
	condemn(q->all, id);
	if (shared)
		status = ike->delete_child_sa(ike, child->get_protocol(child), child->get_spi(child, TRUE), FALSE);
	else
		status = ike->delete(ike, FALSE);
	if (status == DESTROY_ME)
		charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager, ike);
	else
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike);
	answer(q, 0, text);
}

static job_requeue_t delete_sa(struct request *q)
{
	uint32_t id = latest(q->all, q->sa_id);
	child_sa_t *child;
	ike_sa_t *ike = charon->child_sa_manager->checkout_by_id(charon->child_sa_manager, id, &child);

	if (!ike) {
		answer(q, ENOENT, "there is no such CHILD_SA");
		return JOB_REQUEUE_NONE;
	}
	if (child->get_state(child) == CHILD_REKEYING && q->tries++ < REKEY_TRIES) {
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike);
		return JOB_RESCHEDULE_MS(REKEY_WAIT_MS);
	}
	delete_now(q, ike, child);
	return JOB_REQUEUE_NONE;
}

/* ---- INITIATE ---- */

static job_requeue_t expire(void *data)
{
	const struct deadline *d = data;

	initiate_expire(d->all, d->number);
	return JOB_REQUEUE_NONE;
}

static void set_deadline(struct initiations *all, uint32_t number)
{
	struct deadline *d = malloc(sizeof(*d));

	if (!d)
		return; /* sabusd has a deadline of its own */
	*d = (struct deadline){ all, number };
	lib->scheduler->schedule_job_ms(lib->scheduler, (job_t *)callback_job_create(expire, d, free, NULL), INITIATE_MS);
	/* cppcheck-suppress memleak ; charon's job owns it, with free() as its cleanup */
}

static void start(const struct request *q, uint32_t number, struct choice *c)
{
	struct initiations *all = &q->all->initiations;
	ike_sa_t *ike = charon->ike_sa_manager->checkout_by_config(charon->ike_sa_manager, c->peer);

	if (!ike) {
		initiate_end(all, number, ECONNREFUSED, "charon makes no new IKE_SAs, it is ending");
		return;
	}
	report_limited(LOG_NOTICE, "request op=initiate connection=%s/%s text=\"initiating CHILD_SA %s of %s\"", c->peer->get_name(c->peer),
		       c->child->get_name(c->child), c->child->get_name(c->child), c->peer->get_name(c->peer));
	initiate_uses(all, number, ike->get_unique_id(ike), c->child->get_name(c->child));
	set_deadline(all, number);
	if (ike->initiate(ike, c->child->get_ref(c->child), NULL) == SUCCESS) {
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike);
		return;
	}
	charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager, ike);
	initiate_end(all, number, ECONNREFUSED, "charon could not initiate it"); /* unless a hook knew more */
}

static void initiate_sa(const struct request *q)
{
	struct choice c = { NULL, NULL };
	struct sabus_sa sa;
	uint32_t number;
	char why[250];
	int error;

	if (publisher_find(q->all->publisher, &q->flow, &sa)) {
		answer(q, 0, "there already");
		return;
	}
	error = choose(&q->flow, q->text, &c, why, sizeof(why));
	if (error) {
		report_limited(LOG_WARNING, "request op=initiate result=failed text=\"%s\"", why);
		answer(q, error, why);
		return;
	}
	number = initiate_begin(&q->all->initiations, &q->asker, &q->flow, q->text);
	if (number && publisher_find(q->all->publisher, &q->flow, &sa)) /* it came meanwhile, unseen by the initiation */
		initiate_end(&q->all->initiations, number, 0, "there already");
	else if (number)
		start(q, number, &c);
	choice_release(&c);
}

/* ---- jobs ---- */

static job_requeue_t run(void *data)
{
	struct request *q = data;

	if (q->op == SABUS_OP_DELETE)
		return delete_sa(q);
	initiate_sa(q);
	return JOB_REQUEUE_NONE;
}

static void done(void *data)
{
	struct request *q = data;

	q->all->jobs--;
	free(q);
}

void request_handle(void *requests, uint32_t connection, const struct sabus_event *ev)
{
	struct sabus_requests *r = requests;
	struct request *q = r->jobs < REQUEST_JOBS_MAX ? malloc(sizeof(*q)) : NULL;

	if (!q) {
		publisher_result(r->publisher, connection, ev->seq, EBUSY, "charon has too many requests waiting");
		return;
	}
	*q = (struct request){ .all = r, .asker = { connection, ev->seq }, .op = ev->op, .sa_id = ev->sa_id, .flow = ev->flow };
	snprintf(q->text, sizeof(q->text), "%.127s", ev->text);
	for (char *p = q->text; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?'; /* it goes into the log */
	}
	r->jobs++;
	lib->processor->queue_job(lib->processor, (job_t *)callback_job_create_with_prio(run, q, done, NULL, JOB_PRIO_HIGH));
	/* cppcheck-suppress memleak ; charon's job owns it, with done() as its cleanup */
}
