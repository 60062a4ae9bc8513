/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load.c - see load.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "load.h"

void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void must(int rc, const struct sabus *s, const char *what)
{
	if (rc < 0)
		die("%s: %s", what, s ? sabus_strerror(s) : strerror(-rc));
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void sleep_until(uint64_t ns)
{
	struct timespec ts = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

/* xorshift32 */
uint32_t pick(struct load *l, uint32_t n)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 17;
	l->random ^= l->random << 5;
	return l->random % n;
}

void paced(struct load *l, void (*call)(struct load *l, uint32_t k), uint64_t *ns)
{
	uint64_t next = now_ns(), begin;

	for (uint32_t k = 0; k < CALLS; k++, next += PACE_NS) {
		sleep_until(next);
		begin = now_ns();
		call(l, k);
		ns[k] = now_ns() - begin;
	}
}

void paced_pair(struct load *l, void (*send)(struct load *l, uint32_t k), void (*ask)(struct load *l, uint32_t k), uint64_t *asked)
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	l->random = l->round * 2 + 1;
	child = fork();
	if (child == 0) {
		paced(l, send, l->calls);
		_exit(0);
	}
	l->random++;
	sleep_until(now_ns() + PACE_NS / 2);
	paced(l, ask, asked);
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		die("the publishing child failed");
}

void samples(const char *name, uint32_t round, const uint64_t *ns, uint32_t n)
{
	printf("\"%s_%" PRIu32 "\": [", name, round);
	for (uint32_t i = 0; i < n; i++)
		printf("%s%" PRIu64, i ? "," : "", ns[i]);
	printf("],\n");
}

void flow_of(uint32_t i, struct sabus_flow *f)
{
	memset(f, 0, sizeof(*f));
	f->local = (struct sabus_endpoint){ .addr = { 2, { 192, 0, 2, 1 } }, .port = SABUS_L2TP_PORT };
	f->remote = (struct sabus_endpoint){ .addr = { 2, { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } }, .port = SABUS_L2TP_PORT };
}

static struct sabus_ts one_address(const struct sabus_endpoint *e)
{
	return (struct sabus_ts){ .from = e->addr, .to = e->addr, .port_from = e->port, .port_to = e->port, .proto = 17 };
}

/* Names and identities as long as those of a real site. */
void sa_of(uint32_t i, uint32_t generation, struct sabus_sa *sa)
{
	struct sabus_flow f;

	flow_of(i, &f);
	memset(sa, 0, sizeof(*sa));
	sa->id = i + 1;
	sa->ike_id = i + 1;
	sa->state = SABUS_SA_INSTALLED;
	snprintf(sa->name, sizeof(sa->name), "l2tp");
	snprintf(sa->ike_name, sizeof(sa->ike_name), "roadwarriors");
	sa->ike_version = 2;
	sa->proto = SABUS_PROTO_ESP;
	sa->mode = SABUS_MODE_TRANSPORT;
	sa->encr = 20;	/* AES-GCM with a 16 byte ICV */
	sa->encr_bits = 256;
	sa->replay_window = 32;
	sa->spi_in = 0xc0000000u + i;
	sa->spi_out = 0xd0000000u + i;
	sa->reqid = i + 1;
	sa->local = (struct sabus_endpoint){ .addr = f.local.addr, .port = 4500 };
	sa->remote = (struct sabus_endpoint){ .addr = f.remote.addr, .port = 4500 };
	sa->n_ts = 1;
	sa->ts[0] = (struct sabus_ts_pair){ .local = one_address(&f.local), .remote = one_address(&f.remote) };
	snprintf(sa->id_local, sizeof(sa->id_local), "C=DE, O=Example, CN=lns.example.org");
	snprintf(sa->id_remote, sizeof(sa->id_remote), "C=DE, O=Example, CN=client-%05" PRIu32 ".example.org", i);
	snprintf(sa->auth, sizeof(sa->auth), "pubkey");
	sa->installed = 1000;
	sa->rekey_at = 4600 + generation;
	sa->expires_at = 5000 + generation;
}

void session_of(uint32_t i, struct sabus_session *s)
{
	memset(s, 0, sizeof(*s));
	s->up = 1;
	snprintf(s->ifname, sizeof(s->ifname), "ppp%" PRIu32, i);
	snprintf(s->user, sizeof(s->user), "client-%05" PRIu32, i);
	flow_of(i, &s->flow);
	s->tunnel_id = s->session_id = s->peer_tunnel_id = s->peer_session_id = (uint16_t)(i + 1);
	s->sa_id = i + 1;
	s->spi_in = 0xc0000000u + i;
	s->spi_out = 0xd0000000u + i;
	snprintf(s->reason, sizeof(s->reason), "ok-protected");
	snprintf(s->mppe, sizeof(s->mppe), "mirror");
	snprintf(s->ccp, sizeof(s->ccp), "refused");
	snprintf(s->ecp, sizeof(s->ecp), "refused");
	s->mtu = s->mru = 1428;
	snprintf(s->mtu_sum, sizeof(s->mtu_sum), "1500-20ip-8esp-8iv-16icv-2waste-2trailer-8udp-6l2tp-4ppp=1428");
	s->since = 1700000000;
}
