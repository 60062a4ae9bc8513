/* SPDX-License-Identifier: GPL-2.0-or-later */
/* refresh.c - see refresh.h.  Only children that are known are told again: the hooks decide what is known. */
#include "describe.h"
#include "refresh.h"
#include "report.h"

struct refresh {
	struct publisher *publisher;
	uint32_t ike_id;
};

static void refresh_child(struct publisher *publisher, ike_sa_t *ike, child_sa_t *child)
{
	struct sabus_sa sa, was;
	int r;

	if (!publisher_get(publisher, child->get_unique_id(child), &was) || was.state == SABUS_SA_PENDING)
		return;
	describe(ike, child, &sa);
	sa.state = was.state;
	sa.replaces = was.replaces;
	r = publisher_put(publisher, &sa);
	if (r < 0)
		report_unpublished(&sa, r);
}

static job_requeue_t refresh_now(void *data)
{
	const struct refresh *job = data;
	ike_sa_t *ike = charon->ike_sa_manager->checkout_by_id(charon->ike_sa_manager, job->ike_id);
	enumerator_t *children;
	child_sa_t *child;

	if (!ike) /* gone meanwhile, its children with it */
		return JOB_REQUEUE_NONE;
	children = ike->create_child_sa_enumerator(ike);
	while (children->enumerate(children, &child))
		refresh_child(job->publisher, ike, child);
	children->destroy(children);
	charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike);
	return JOB_REQUEUE_NONE;
}

void refresh_later(struct publisher *publisher, uint32_t ike_id)
{
	struct refresh *job = malloc(sizeof(*job));

	if (!job) {
		report_limited(LOG_ERR, "unpublished ike-sa=%u text=\"no memory to follow the change of the IKE_SA\"", ike_id);
		return;
	}
	*job = (struct refresh){ .publisher = publisher, .ike_id = ike_id };
	lib->processor->queue_job(lib->processor, (job_t *)callback_job_create_with_prio(refresh_now, job, free, NULL, JOB_PRIO_HIGH));
	/* cppcheck-suppress memleak ; charon's job owns it, with free() as its cleanup */
}
