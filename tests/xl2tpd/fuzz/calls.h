/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls that build.sh renames in xl2tpd's objects; see world.h. */
#ifndef SABUS_XL2TPD_FUZZ_CALLS_H
#define SABUS_XL2TPD_FUZZ_CALLS_H

#include <stdio.h>
#include <sys/types.h>

#define WORLD_FIFO    "/fuzz/control"
#define WORLD_CONFIG  "/fuzz/xl2tpd.conf"
#define WORLD_SECRETS "/fuzz/l2tp-secrets"

struct hostent;
struct msghdr;
struct rlimit;
struct termios;
struct utsname;

int world_socket(int domain, int type, int protocol);
int world_bind(int fd, const void *addr, unsigned int len);
int world_connect(int fd, const void *addr, unsigned int len);
int world_setsockopt(int fd, int level, int name, const void *value, unsigned int len);
int world_getsockname(int fd, void *addr, unsigned int *len);
ssize_t world_sendmsg(int fd, const struct msghdr *msg, int flags);
ssize_t world_recvmsg(int fd, struct msghdr *msg, int flags);
int world_open(const char *name, int flags, ...);
int world_close(int fd);
ssize_t world_read(int fd, void *buf, size_t len);
ssize_t world_write(int fd, const void *buf, size_t len);
int world_fcntl(int fd, int cmd, ...);
int world_pipe(int fds[2]);
char *world_ptsname(int fd);
int world_unlockpt(int fd);
int world_tcgetattr(int fd, struct termios *t);
int world_tcsetattr(int fd, int how, const struct termios *t);
FILE *world_fopen(const char *name, const char *mode);
int world_fclose(FILE *f);
struct hostent *world_gethostbyname(const char *name);
int world_gethostname(char *name, size_t len);
int world_getrlimit(int what, struct rlimit *l);
int world_setrlimit(int what, const struct rlimit *l);
int world_uname(struct utsname *u);
int world_rand(void);

/* Looks at all that is sent: readable to the last byte, control messages well-formed. */
void check_sent(const unsigned char *data, size_t len);

#endif
