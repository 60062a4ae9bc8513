/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listen.c - how sabusd comes to its sockets.
 *
 * Order: directory, lock, inherited sockets, own sockets, privileges.  The lock comes before any socket file is touched: a file is stale
 * exactly when nobody holds the lock, and a second sabusd ends there with a line that says so.  Mode and owner are set before listen(),
 * so no wrong user is ever in the queue.
 */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "listen.h"
#include "log.h"

#define BACKLOG	 4096 /* the kernel cuts it at net.core.somaxconn */
#define FIRST_FD 3    /* sd_listen_fds(3) */

static const struct {
	const char *name, *activation, *file;
	mode_t mode;
} roles[ROLE_COUNT] = {
	[ROLE_PUBLISHER] = { "publisher", "sa", "sa.sock", 0600 },
	[ROLE_SESSION] = { "session", "session", "session.sock", 0600 },
	[ROLE_READER] = { "reader", "read", "read.sock", 0660 },
};

const char *role_name(enum role r)
{
	return roles[r].name;
}

static void socket_path(char *out, size_t size, const struct options *o, enum role r)
{
	snprintf(out, size, "%s/%s", o->dir, roles[r].file);
}

static bool make_dir(const struct options *o, const struct passwd *pw)
{
	if (mkdir(o->dir, 0755) == 0) {
		if (pw && chown(o->dir, pw->pw_uid, pw->pw_gid) < 0) {
			log_line(LOG_ERR, "cannot-start path=\"%s\" user=\"%s\" text=\"cannot give the directory to the user: %m\"", o->dir,
				 pw->pw_name);
			return false;
		}
		return true;
	}
	if (errno == EEXIST)
		return true;
	log_line(LOG_ERR,
		 "cannot-start path=\"%s\" text=\"cannot make the directory: %m\" remedy=\"make it, owned by sabusd's user, or use --dir\"",
		 o->dir);
	return false;
}

/* Nobody else may open it: a lock can be taken on any descriptor, and a user who holds it would keep sabusd from starting. */
static bool take_lock(struct listeners *l, const struct options *o)
{
	char path[128], pid[24] = "";
	ssize_t n;

	snprintf(path, sizeof(path), "%s/sabusd.lock", o->dir);
	l->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->lock_fd < 0) {
		log_line(LOG_ERR,
			 "cannot-start path=\"%s\" text=\"cannot open it: %m\" remedy=\"make %s writable for the user sabusd runs as\"",
			 path, o->dir);
		return false;
	}
	if (flock(l->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	n = pread(l->lock_fd, pid, sizeof(pid) - 1, 0);
	log_line(
		LOG_ERR,
		"cannot-start path=\"%s\" pid=%.*s text=\"another sabusd already serves it\" remedy=\"stop it first or use another --dir\"",
		o->dir, n > 0 ? (int)strcspn(pid, "\n") : 1, n > 0 ? pid : "?");
	return false;
}

void listen_write_pid(const struct listeners *l)
{
	if (ftruncate(l->lock_fd, 0) < 0 || dprintf(l->lock_fd, "%d\n", (int)getpid()) < 0)
		log_line(LOG_WARNING, "lock text=\"cannot write the pid into sabusd.lock: %m\"");
}

/* ---- sockets that systemd made ---- */

static int role_of_inherited(int fd, const char *name)
{
	struct sockaddr_un sun = { 0 };
	socklen_t len = sizeof(sun) - 1;
	const char *base;

	if (getsockname(fd, (struct sockaddr *)&sun, &len) < 0)
		return -1;
	base = strrchr(sun.sun_path, '/');
	for (int r = 0; r < ROLE_COUNT; r++) {
		if (!strcmp(name, roles[r].activation) || (base && !strcmp(base + 1, roles[r].file)))
			return r;
	}
	return -1;
}

static bool is_seqpacket_listener(int fd)
{
	int type = 0, domain = 0, listening = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET &&
	       getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

static bool inherit_one(struct listeners *l, int fd, const char *name)
{
	int r = role_of_inherited(fd, name);

	if (r < 0 || !is_seqpacket_listener(fd) || l->fd[r] >= 0) {
		log_line(LOG_ERR,
			 "cannot-start fd=%d name=\"%s\" text=\"inherited socket is not one listening SOCK_SEQPACKET socket named sa, "
			 "session or read\" "
			 "remedy=\"see sabusd.socket\"",
			 fd, name);
		return false;
	}
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		log_line(LOG_ERR, "cannot-start fd=%d text=\"inherited socket: %m\"", fd);
		return false;
	}
	l->fd[r] = fd;
	return true;
}

static bool inherit(struct listeners *l)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	char copy[256] = "", *rest = copy;
	int n = fds ? atoi(fds) : 0;
	bool ok = true;

	if (!pid || atoi(pid) != (int)getpid())
		return true;
	if (names)
		snprintf(copy, sizeof(copy), "%s", names);
	for (int i = 0; ok && i < n; i++) {
		const char *name = rest ? strsep(&rest, ":") : NULL;

		ok = inherit_one(l, FIRST_FD + i, name ? name : "");
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return ok;
}

/* ---- sockets of our own ---- */

static bool remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode)) {
		log_line(LOG_ERR,
			 "cannot-start path=\"%s\" text=\"it is in the way and is not a socket\" remedy=\"remove it or use another --dir\"",
			 path);
		return false;
	}
	return unlink(path) == 0;
}

/* Who owns the socket file: a publisher or pppd that is not root must be able to open its own, which only root can arrange. */
static bool set_owner(const char *path, enum role r, const struct options *o, const struct passwd *pw)
{
	const struct uid_list *users = r == ROLE_PUBLISHER ? &o->publishers : r == ROLE_SESSION ? &o->session_users : NULL;
	uid_t uid = pw ? pw->pw_uid : (uid_t)-1;
	gid_t gid = r == ROLE_READER && o->has_read_group ? o->read_group : pw ? pw->pw_gid : (gid_t)-1;

	if (geteuid() == 0 && users && users->n)
		uid = users->uid[0];
	if (uid == (uid_t)-1 && gid == (gid_t)-1)
		return true;
	return chown(path, uid, gid) == 0;
}

/* A socket of ours, bound where nobody can open it yet, or -1. */
static int bind_closed(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	mode_t mask;

	if (fd < 0)
		return -1;
	mask = umask(0777);
	if (bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) < 0) {
		close(fd);
		fd = -1;
	}
	umask(mask);
	return fd;
}

static bool open_one(struct listeners *l, enum role r, const struct options *o, const struct passwd *pw)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *path = sun.sun_path;
	int fd;

	socket_path(sun.sun_path, sizeof(sun.sun_path), o, r);
	if (!remove_stale(path))
		return false;
	fd = bind_closed(&sun);
	l->fd[r] = fd;
	l->ours[r] = fd >= 0;
	if (fd >= 0 && set_owner(path, r, o, pw) && chmod(path, roles[r].mode) == 0 && listen(fd, BACKLOG) == 0)
		return true;
	log_line(LOG_ERR, "cannot-start path=\"%s\" text=\"cannot open it: %m\"", path);
	return false;
}

static bool drop_privileges(const struct passwd *pw)
{
	if (initgroups(pw->pw_name, pw->pw_gid) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0) {
		log_line(LOG_ERR, "cannot-start user=\"%s\" text=\"cannot become this user: %m\"", pw->pw_name);
		return false;
	}
	if (pw->pw_uid != 0 && setuid(0) == 0) {
		log_line(LOG_ERR, "cannot-start user=\"%s\" text=\"could take back root's rights after becoming this user\"", pw->pw_name);
		return false;
	}
	return true;
}

/* The user to become, or NULL; *ok is false when --user cannot be obeyed. */
static const struct passwd *target_user(const struct options *o, bool *ok)
{
	const struct passwd *pw = o->user ? getpwnam(o->user) : NULL;

	*ok = !o->user || (pw && (geteuid() == 0 || geteuid() == pw->pw_uid));
	if (!*ok)
		log_line(LOG_ERR, "cannot-start user=\"%s\" uid=%u text=\"--user %s: only root can become another user\"", o->user,
			 (unsigned int)geteuid(), o->user);
	return geteuid() == 0 ? pw : NULL;
}

bool listen_setup(struct listeners *l, const struct options *o)
{
	bool ok;
	const struct passwd *pw = target_user(o, &ok);

	*l = (struct listeners){ .lock_fd = -1, .fd = { -1, -1, -1 } };
	ok = ok && make_dir(o, pw) && take_lock(l, o) && inherit(l);
	for (enum role r = 0; ok && r < ROLE_COUNT; r++) {
		if (l->fd[r] < 0)
			ok = open_one(l, r, o, pw);
	}
	if (ok && pw)
		ok = drop_privileges(pw);
	return ok;
}

void listen_close(struct listeners *l, const struct options *o)
{
	char path[128];

	for (enum role r = 0; r < ROLE_COUNT; r++) {
		if (l->fd[r] >= 0)
			close(l->fd[r]);
		if (!l->ours[r])
			continue;
		socket_path(path, sizeof(path), o, r);
		unlink(path);
	}
	if (l->lock_fd >= 0)
		close(l->lock_fd);
}
