/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sabus_plugin.c - life of the plugin inside charon.
 *
 *   constructor    ABI guard, options, publisher; touches nothing of charon's before the guard has agreed
 *   feature up     listener registered; a job is queued that starts the publisher's thread
 *   job            runs on a worker: charon has dropped its capabilities by then, so the thread never has more than charon
 *   feature down   listener unregistered
 *   destroy        charon's workers have ended, so no request is under way; thread stopped and joined, hook times logged, all freed
 */
#include <sys/random.h>
#include "abi.h"
#include "listener.h"
#include "options.h"
#include "reason.h"
#include "report.h"
#include "sabus_plugin.h"

struct sabus_plugin {
	plugin_t public; /* first: charon gets its address */
	struct sabus_listener listener;
	struct publisher *publisher;
	struct sabus_requests requests;
	struct ike_failures failures;
	thread_t *thread; /* NULL until the job has run */
};

static void log_line(void *data, int prio, const struct logline *line)
{
	(void)data;
	report_line(prio, line);
}

static char *get_name(plugin_t *public)
{
	(void)public;
	return (char *)"sabus";
}

static void *publisher_main(void *publisher)
{
	publisher_run(publisher);
	return NULL;
}

static job_requeue_t start_thread(void *data)
{
	struct sabus_plugin *this = data;

	this->thread = thread_create(publisher_main, this->publisher);
	if (!this->thread)
		report_event(LOG_ERR, "unpublished text=\"cannot start a thread, nothing will be published\"");
	return JOB_REQUEUE_NONE;
}

static bool on_feature(plugin_t *public, plugin_feature_t *feature, bool up, void *data)
{
	struct sabus_plugin *this = (struct sabus_plugin *)public;

	(void)feature;
	(void)data;
	if (up) {
		charon->bus->add_listener(charon->bus, &this->listener.public);
		lib->processor->queue_job(lib->processor, (job_t *)callback_job_create(start_thread, this, NULL, NULL));
	} else {
		charon->bus->remove_listener(charon->bus, &this->listener.public);
	}
	return TRUE;
}

static int get_features(plugin_t *public, plugin_feature_t *features[])
{
	static plugin_feature_t all[] = {
		PLUGIN_CALLBACK(on_feature, NULL),
		PLUGIN_PROVIDE(CUSTOM, "sabus"),
	};

	(void)public;
	*features = all;
	return countof(all);
}

static void destroy(plugin_t *public)
{
	struct sabus_plugin *this = (struct sabus_plugin *)public;
	struct logline ln;

	publisher_stop(this->publisher);
	if (this->thread)
		this->thread->join(this->thread);
	logline_begin(&ln, "sabus");
	hooktime_report(&this->listener.time, &ln);
	report_line(LOG_INFO, &ln);
	request_free(&this->requests);
	failure_free(&this->failures);
	publisher_free(this->publisher);
	free(this);
}

static const char *setting(const char *key)
{
	return lib->settings->get_str(lib->settings, (char *)"%s.plugins.sabus.%s", NULL, lib->ns, key);
}

static bool read_options(struct options *options)
{
	char why[200];

	if (options_set_socket(options, setting("socket"), why, sizeof(why)) &&
	    options_set_reconnect(options, setting("reconnect"), why, sizeof(why)))
		return true;
	report_event(LOG_ERR, "not-loaded reason=%s text=\"refused to load: %s.plugins.sabus.%s\" remedy=\"see sabus.opt\"",
		     sabus_reason_word(SABUS_R_BAD_OPTION), lib->ns, why);
	return false;
}

static bool make_publisher(struct sabus_plugin *this, const struct options *options)
{
	struct publisher_config config = { .path = options->socket, .name = "charon", .retry_ms = options->reconnect_ms, .log = log_line,
					   .request = request_handle, .request_data = &this->requests };
	int r;

	/* The epoch tells sabusd a restarted charon from one that reconnects; the clock would do, but can go back. */
	if (getrandom(&config.epoch, sizeof(config.epoch), GRND_NONBLOCK) != (ssize_t)sizeof(config.epoch))
		config.epoch = hooktime_now() ^ (uint64_t)getpid() << 40;
	r = publisher_new(&this->publisher, &config);
	if (r == 0)
		r = request_init(&this->requests, this->publisher);
	if (r < 0)
		report_event(LOG_ERR, "not-loaded text=\"refused to load: %s\"", strerror(-r));
	return r == 0;
}

__attribute__((visibility("default"))) plugin_t *sabus_plugin_create(void)
{
	struct sabus_plugin *this;
	struct options options;
	const char *remedy;
	char why[300];

	if (!sabus_abi_check(VERSION, SABUS_BUILT_WITH_MEDIATION, why, sizeof(why), &remedy)) {
		report_event(LOG_ERR, "not-loaded text=\"refused to load: %s\" remedy=\"%s\"", why, remedy);
		return NULL;
	}
	if (!charon || !charon->bus || !read_options(&options)) /* no charon: a tool that loads plugins, too */
		return NULL;
	this = calloc(1, sizeof(*this));
	if (!this)
		return NULL;
	if (!make_publisher(this, &options)) {
		publisher_free(this->publisher);
		free(this);
		return NULL;
	}
	this->public.get_name = get_name;
	this->public.get_features = get_features;
	this->public.destroy = destroy;
	failure_init(&this->failures, this->publisher);
	listener_init(&this->listener, this->publisher, &this->requests, &this->failures);
	return &this->public;
}
