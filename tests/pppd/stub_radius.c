// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub_radius.c - as much of pppd's radius.so as sabus.so touches: its exports, a reply, and the flag that it takes the first CHAP by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include "sabus-attributes.h"
#include "stub.h"

typedef struct stub_radius_pair pair;

void (*radius_attributes_hook)(pair *list);
void (*radius_pre_auth_hook)(const char *user, void **authserver, void **acctserver);
char *radius_logged_in_user(void);
pair *rc_avpair_add(pair **list, int attribute, const void *value, int len, int vendor);
void rc_avpair_free(pair *list);

/* struct radius_state of 2.5.0 to 2.5.3; with `more` its middle is another one's */
static struct {
	int initialized, client_port, choose_ip, any_ip_addr_ok, done_chap_once;
	uint32_t ip_addr;
	char user[MAXNAMELEN], config_file[MAXPATHLEN], session_id[33];
	time_t start_time;
	int acct_interim_interval;
	void *authserver, *acctserver, *more;
} rstate;
static pair *reply;
static int other;

char *radius_logged_in_user(void)
{
	return rstate.user;
}

static pair *make(int attribute, const void *value, int len, int vendor, bool text)
{
	size_t size = other == 4 ? offsetof(pair, text) : sizeof(pair);
	pair *p = calloc(1, size);

	strcpy(p->name, "Name");
	p->attribute = other == 1 ? attribute << 8 : attribute;
	p->vendor = vendor;
	p->type = text ? 0 : 1;
	if (!text)
		p->number = *(const unsigned int *)value;
	else
		p->number = len ? (unsigned int)len : (unsigned int)strlen(value);
	if (text && other != 4)
		memcpy(p->text, value, p->number);
	return p;
}

static void append(pair **list, pair *p)
{
	while (*list)
		list = &(*list)->next;
	*list = p;
}

static pair *hidden; /* of a list without a chain, to be freed */

pair *rc_avpair_add(pair **list, int attribute, const void *value, int len, int vendor)
{
	pair *p;

	if (other == 5 && vendor == (int)SABUS_RADIUS_VENDOR)
		return NULL; /* not in the dictionary */
	p = make(attribute, value, len, vendor, vendor == -1 && attribute != 6);
	if (!*list)
		*list = p;
	else if (other == 2 || other == 4)
		hidden = p;
	else
		append(list, p);
	return p;
}

static void free_list(pair *list, bool chained)
{
	while (list) {
		pair *next = chained ? list->next : NULL;

		free(list);
		list = next;
	}
}

void rc_avpair_free(pair *list)
{
	free_list(list, other != 4);
	free(hidden);
	hidden = NULL;
}

void stub_radius_reset(void)
{
	memset(&rstate, 0, sizeof(rstate));
	other = 0;
	free_list(reply, true);
	reply = NULL;
	radius_attributes_hook = NULL;
	radius_pre_auth_hook = NULL;
}

void stub_radius_other_layout(int how)
{
	other = how;
}

void stub_radius_add(int vendor, int attribute, uint32_t number)
{
	append(&reply, make(attribute, &number, 0, vendor, false));
}

void stub_radius_add_text(int vendor, int attribute, const char *text, int len)
{
	append(&reply, make(attribute, text, len, vendor, true));
}

bool stub_radius_chap(void)
{
	bool whole = !rstate.done_chap_once;

	rstate.initialized = 1;
	strcpy(rstate.user, host.user);
	if (whole && radius_pre_auth_hook)
		radius_pre_auth_hook(rstate.user, &rstate.authserver, other == 3 ? &rstate.more : &rstate.acctserver);
	if (whole)
		radius_attributes_hook(reply);
	rstate.done_chap_once = 1;
	return whole;
}
