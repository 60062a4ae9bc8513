/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What xl2tpd says and does that has no effect on its state: logs, dumps,
 * names of files, the process it is.
 *
 * Log lines are read to their end, so that a string without one is seen; with
 * FUZZ_LOG in the environment they are shown.
 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

void world_syslog(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void world_openlog(const char *name, int options, int facility);
void world_closelog(void);
int world_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int world_fprintf(FILE *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int world_puts(const char *s);
int world_putchar(int c);
int world_putc(int c, FILE *f);
void world_perror(const char *s);
int world_getpid(void);
int world_setsid(void);
int world_unlink(const char *name);
int world_mkfifo(const char *name, unsigned int mode);
int world_dup2(int from, int to);
int world_setenv(const char *name, const char *value, int overwrite);
int world_execv(const char *name, char *const argv[]);
void world_quick_exit(int status);

static void take(const char *fmt, va_list ap)
{
	static int show = -1;

	if (show < 0)
		show = getenv("FUZZ_LOG") != NULL;
	if (show)
		vfprintf(stderr, fmt, ap);
	else
		world.sum += (unsigned int)vsnprintf(NULL, 0, fmt, ap);
}

void world_syslog(int level, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	va_start(ap, fmt);
	take(fmt, ap);
	va_end(ap);
}

int world_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	take(fmt, ap);
	va_end(ap);
	return 0;
}

int world_fprintf(FILE *f, const char *fmt, ...)
{
	va_list ap;

	(void)f;
	va_start(ap, fmt);
	take(fmt, ap);
	va_end(ap);
	return 0;
}

void world_openlog(const char *name, int options, int facility)
{
	(void)name;
	(void)options;
	(void)facility;
}

void world_closelog(void)
{
}

int world_puts(const char *s)
{
	(void)s;
	return 0;
}

int world_putchar(int c)
{
	return c;
}

int world_putc(int c, FILE *f)
{
	(void)f;
	return c;
}

void world_perror(const char *s)
{
	(void)s;
}

int world_getpid(void)
{
	return 999;
}

int world_setsid(void)
{
	return 999;
}

int world_unlink(const char *name)
{
	(void)name;
	return 0;
}

int world_mkfifo(const char *name, unsigned int mode)
{
	(void)name;
	(void)mode;
	return 0;
}

int world_dup2(int from, int to)
{
	(void)from;
	return to;
}

int world_setenv(const char *name, const char *value, int overwrite)
{
	(void)name;
	(void)value;
	(void)overwrite;
	return 0;
}

/* fork() never returns in a child here. */
int world_execv(const char *name, char *const argv[])
{
	(void)argv;
	world_bug("execv() of %s in the daemon's own process", name);
}

void world_quick_exit(int status)
{
	world_bug("_exit(%d) in the daemon's own process", status);
}
