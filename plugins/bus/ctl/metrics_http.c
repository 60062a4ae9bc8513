/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_http.c - one HTTP/1 request and its answer, as inetd and systemd's Accept=yes start us: standard input and output are the connection.
 *
 * The request's line is all that counts; its headers are read to their end so that closing does not reset the connection before the answer is
 * read, and nothing else is ever read.  Size and time are bounded: a scraper that says nothing has us for REQUEST_MS.
 */
#include "config.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "clock.h"
#include "ctl.h"
#include "metrics.h"

#define REQUEST_MAX 8192
#define REQUEST_MS  5000

struct answer {
	const char *status, *text; /* text NULL: the metrics */
};

static const struct answer ok = { "200 OK", NULL };
static const struct answer bad = { "400 Bad Request", "this is HTTP/1 for GET /metrics\n" };
static const struct answer not_found = { "404 Not Found", "there is only /metrics\n" };
static const struct answer not_allowed = { "405 Method Not Allowed", "only GET and HEAD\n" };
static const struct answer too_late = { "408 Request Timeout", "the request did not come to its end in time\n" };
static const struct answer too_large = { "431 Request Header Fields Too Large", "the request is too large\n" };

/* More bytes: how many, 0 = the end, -1 = too late. */
static ssize_t more(char *buf, size_t size, int64_t deadline)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t left = deadline - now_ms();
	ssize_t n;

	if (left <= 0 || poll(&pfd, 1, (int)left) == 0)
		return -1;
	n = read(STDIN_FILENO, buf, size);
	return n < 0 ? 0 : n;
}

static bool complete(const char *request)
{
	return strstr(request, "\r\n\r\n") || strstr(request, "\n\n");
}

/* NULL: all of it is in request. */
static const struct answer *read_request(char request[REQUEST_MAX])
{
	int64_t deadline = now_ms() + REQUEST_MS;
	size_t n = 0;

	request[0] = 0;
	while (!complete(request)) {
		ssize_t got;

		if (n == REQUEST_MAX - 1)
			return &too_large;
		got = more(request + n, REQUEST_MAX - 1 - n, deadline);
		if (got < 0)
			return &too_late;
		if (got == 0 || memchr(request + n, 0, (size_t)got))
			return &bad;
		n += (size_t)got;
		request[n] = 0;
	}
	return NULL;
}

/* "GET /metrics?x HTTP/1.1" */
static const struct answer *judge(char *request, bool *head)
{
	char *method = request, *rest = request, *target, *version;

	request[strcspn(request, "\r\n")] = 0;
	method = strsep(&rest, " ");
	target = strsep(&rest, " ");
	version = rest;
	if (!target || !version || strncmp(version, "HTTP/1.", 7) != 0)
		return &bad;
	*head = strcmp(method, "HEAD") == 0;
	if (!*head && strcmp(method, "GET") != 0)
		return &not_allowed;
	target[strcspn(target, "?")] = 0;
	return strcmp(target, "/metrics") == 0 ? &ok : &not_found;
}

static void send_answer(const struct answer *a, bool head, const char *body, size_t len)
{
	printf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n", a->status,
	       a->text ? "text/plain; charset=utf-8" : METRICS_TYPE, len, a == &not_allowed ? "Allow: GET, HEAD\r\n" : "");
	if (!head)
		fwrite(body, 1, len, stdout);
}

static int out_of_memory(void)
{
	fputs("sabusctl: out of memory\n", stderr);
	return CTL_FAILED;
}

int metrics_http(void (*body)(void *data, FILE *out), void *data)
{
	char request[REQUEST_MAX], *text = NULL;
	const struct answer *a = read_request(request);
	bool head = false;
	size_t len = 0;
	FILE *out;

	signal(SIGPIPE, SIG_IGN); /* a scraper that went away is told as a failed write */
	if (!a)
		a = judge(request, &head);
	if (a->text) {
		send_answer(a, head, a->text, strlen(a->text));
		return CTL_OK;
	}
	out = open_memstream(&text, &len);
	if (!out)
		return out_of_memory();
	body(data, out);
	if (fclose(out) != 0)
		return out_of_memory();
	send_answer(a, head, text, len);
	free(text);
	return CTL_OK;
}
