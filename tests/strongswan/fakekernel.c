/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fakekernel.c - a charon plugin, for tests only, that stands in for the kernel's IPsec: it says yes to everything and writes down which SAs it was
 * asked to install.  So two real charons can negotiate, rekey and move on any host, and the log is a witness of what the kernel would have got.
 *
 * charon.plugins.fakekernel.log: the file; one line per SA: "add|update|del SPI KEY=VALUE ..."
 */
#include <stdio.h>
#include "charon.h"
#include <kernel/kernel_ipsec.h>

struct fake {
	kernel_ipsec_t public;
	refcount_t spi;
	FILE *log;
};

static struct fake *from_public(kernel_ipsec_t *public)
{
	return (struct fake *)public;
}

static kernel_feature_t get_features(kernel_ipsec_t *public)
{
	(void)public;
	return KERNEL_ESP_V3_TFC;
}

static status_t get_spi(kernel_ipsec_t *public, host_t *src, host_t *dst, uint8_t protocol, uint32_t *spi)
{
	(void)src;
	(void)dst;
	(void)protocol;
	*spi = htonl(0xc0000000u + (uint32_t)ref_get(&from_public(public)->spi));
	return SUCCESS;
}

static status_t get_cpi(kernel_ipsec_t *public, host_t *src, host_t *dst, uint16_t *cpi)
{
	(void)src;
	(void)dst;
	*cpi = htons((uint16_t)(0x4000u + (uint32_t)ref_get(&from_public(public)->spi)));
	return SUCCESS;
}

static status_t add_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data)
{
	fprintf(from_public(public)->log, "add %08x inbound=%d reqid=%u set_mark=%u set_mark_mask=%u replay=%u encap=%d esn=%d mode=%d\n",
		ntohl(id->spi), data->inbound, data->reqid, data->mark.value, data->mark.mask, data->replay_window, data->encap, data->esn,
		data->mode);
	return SUCCESS;
}

static status_t update_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_update_sa_t *data)
{
	fprintf(from_public(public)->log, "update %08x encap=%d\n", ntohl(id->spi), data->new_encap);
	return SUCCESS;
}

static status_t query_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_query_sa_t *data, uint64_t *bytes,
			 uint64_t *packets, time_t *used)
{
	(void)public;
	(void)id;
	(void)data;
	*bytes = *packets = 0;
	*used = 0;
	return SUCCESS;
}

static status_t del_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_del_sa_t *data)
{
	(void)data;
	fprintf(from_public(public)->log, "del %08x\n", ntohl(id->spi));
	return SUCCESS;
}

static status_t nothing(kernel_ipsec_t *public)
{
	(void)public;
	return SUCCESS;
}

static status_t policy(kernel_ipsec_t *public, kernel_ipsec_policy_id_t *id, kernel_ipsec_manage_policy_t *data)
{
	(void)public;
	(void)id;
	(void)data;
	return SUCCESS;
}

static status_t query_policy(kernel_ipsec_t *public, kernel_ipsec_policy_id_t *id, kernel_ipsec_query_policy_t *data, time_t *used)
{
	(void)public;
	(void)id;
	(void)data;
	*used = 0;
	return SUCCESS;
}

static bool bypass_socket(kernel_ipsec_t *public, int fd, int family)
{
	(void)public;
	(void)fd;
	(void)family;
	return TRUE;
}

static bool enable_udp_decap(kernel_ipsec_t *public, int fd, int family, uint16_t port)
{
	(void)port;
	return bypass_socket(public, fd, family);
}

static void destroy(kernel_ipsec_t *public)
{
	fclose(from_public(public)->log);
	free(public);
}

static kernel_ipsec_t *create(void)
{
	const char *path = lib->settings->get_str(lib->settings, (char *)"%s.plugins.fakekernel.log", NULL, lib->ns);
	struct fake *this = calloc(1, sizeof(*this));

	if (!this || !path || !(this->log = fopen(path, "ae"))) {
		free(this);
		return NULL;
	}
	setvbuf(this->log, NULL, _IOLBF, 0);
	this->public.get_features = get_features;
	this->public.get_spi = get_spi;
	this->public.get_cpi = get_cpi;
	this->public.add_sa = add_sa;
	this->public.update_sa = update_sa;
	this->public.query_sa = query_sa;
	this->public.del_sa = del_sa;
	this->public.flush_sas = nothing;
	this->public.add_policy = policy;
	this->public.query_policy = query_policy;
	this->public.del_policy = policy;
	this->public.flush_policies = nothing;
	this->public.bypass_socket = bypass_socket;
	this->public.enable_udp_decap = enable_udp_decap;
	this->public.destroy = destroy;
	return &this->public;
}

static char *get_name(plugin_t *public)
{
	(void)public;
	return (char *)"fakekernel";
}

static int get_plugin_features(plugin_t *public, plugin_feature_t *features[])
{
	static plugin_feature_t all[] = {
		PLUGIN_CALLBACK(kernel_ipsec_register, create),
		PLUGIN_PROVIDE(CUSTOM, "kernel-ipsec"),
	};

	(void)public;
	*features = all;
	return countof(all);
}

static void destroy_plugin(plugin_t *public)
{
	free(public);
}

plugin_t *fakekernel_plugin_create(void);

__attribute__((visibility("default"))) plugin_t *fakekernel_plugin_create(void)
{
	plugin_t *this = calloc(1, sizeof(*this));

	if (this) {
		this->get_name = get_name;
		this->get_features = get_plugin_features;
		this->destroy = destroy_plugin;
	}
	return this;
}
