/*
 * xl2tpd plugin interface
 *
 * This file is part of xl2tpd and of its plugins; it is distributed under the
 * terms of the GPL, version 2 or later.
 *
 * A plugin is a shared object that exports one symbol,
 *
 *     const struct xl2tpd_plugin xl2tpd_plugin;
 *
 * It is named in the [global] section of xl2tpd.conf, before anything that
 * concerns it:
 *
 *     plugin = NAME           loads XL2TPD_PLUGINDIR/xl2tpd-NAME.so
 *     plugin = /path/to.so    loads that file
 *
 * and gets, from any section, the lines "NAME key = value" that follow, NAME
 * being its own name and key of one or more words:
 *
 *     sabus bind identity = equal      key "bind identity", value "equal"
 *
 * Order: open(), option()*, start(), then the other hooks, close() at the end.
 * start() and all that follows run in the process that serves the tunnels,
 * start() before the first socket exists.  A failing open(), option() or
 * start() ends xl2tpd with the plugin's message.
 *
 * Everything runs in xl2tpd's only thread: a hook that blocks stops all
 * tunnels.  A hook that cannot answer at once returns XL2TPD_DEFER (where
 * allowed) and answers later through host->decide().
 *
 * All structures belong to xl2tpd and are valid during the call only; strings
 * may come from the peer and hold any byte but NUL.  Ids, ports inside
 * xl2tpd_* structures other than sockaddr, and marks are in host byte order.
 *
 * Compatibility: the major version changes when something is removed or
 * changes its meaning; then nothing loads.  The minor version grows with each
 * member appended to a structure.  xl2tpd does not call hooks that a plugin of
 * a lower minor version does not have; a plugin looks at host->version before
 * it uses a member newer than that, and at size of the info structures.
 */
#ifndef XL2TPD_PLUGIN_H
#define XL2TPD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define XL2TPD_API_MAJOR 1
#define XL2TPD_API_MINOR 0
#define XL2TPD_API_VERSION ((XL2TPD_API_MAJOR << 16) | XL2TPD_API_MINOR)

enum xl2tpd_verdict
{
    XL2TPD_REFUSE = -1,         /* close; *cause says why */
    XL2TPD_OK = 0,
    XL2TPD_DEFER = 1,           /* tunnel_request only: host->decide() follows */
    XL2TPD_TAKE = 2             /* call_start only: the plugin has the call, start no pppd */
};

enum xl2tpd_by { XL2TPD_BY_US, XL2TPD_BY_PEER, XL2TPD_BY_TIMEOUT, XL2TPD_BY_PPPD, XL2TPD_BY_PLUGIN };

/* Which section a line of xl2tpd.conf stands in. */
enum xl2tpd_section { XL2TPD_GLOBAL, XL2TPD_LNS, XL2TPD_LAC };

/* Why a tunnel or call ends: RFC 2661 section 4.4.2. */
struct xl2tpd_cause
{
    int result;                 /* Result Code of the StopCCN or CDN; 0: xl2tpd's choice */
    int error;                  /* its Error Code, 0 for none */
    int by;                     /* enum xl2tpd_by; set by xl2tpd */
    int pppd_status;            /* wait(2) status, by == XL2TPD_BY_PPPD */
    char msg[120];              /* Error Message, also logged */
};

struct xl2tpd_tunnel_info
{
    size_t size;                /* sizeof in the running xl2tpd */
    int lac;                    /* 1: we send the SCCRQ; 0: the peer did */
    const char *section;        /* name of the [lns] or [lac], "" for none */
    struct sockaddr_storage local, peer;  /* UDP; local address may be 0.0.0.0 for a LAC that has sent nothing yet */
    uint16_t our_tid, peer_tid; /* peer_tid 0: not known yet */
    const char *peer_hostname, *peer_vendor;      /* "" when not told */
    unsigned peer_firmware;
    uint64_t peer_tie_breaker;  /* 0: none sent */
    int tx_bps, rx_bps;         /* configured */
    uint32_t mark;              /* skb mark of the datagram that asked (SO_RCVMARK); 0: none, or a LAC's tunnel */
    int calls;
};

struct xl2tpd_call_info
{
    size_t size;
    uint16_t our_cid, peer_cid;
    uint32_t serial;
    const char *called, *calling, *subaddress;
    int tx_bps, rx_bps;         /* from ICCN/OCCN, 0 for not said */
    int framing, bearer;
    int pppd_pid;               /* 0: none */
    int session_fd;             /* connected PPPoL2TP socket, -1 for none; xl2tpd's */
    uint64_t cookie;            /* as given to host->call() */
};

#define XL2TPD_ABRUPT 1         /* close_tunnel: the peer cannot be reached, send no StopCCN and free it now */

struct xl2tpd_host
{
    unsigned version;           /* XL2TPD_API_VERSION of the running xl2tpd */
    const char *release;        /* "xl2tpd-1.3.18" */
    /* level as for syslog(3); one line, without newline */
    void (*log) (int level, const char *fmt, ...)
#ifdef __GNUC__
        __attribute__ ((format (printf, 2, 3)))
#endif
        ;
    /* Calls cb when fd has one of events (poll(2)'s), or an error.  Again for the same fd changes it, cb NULL ends it.  0 or -errno. */
    int (*watch) (int fd, short events, void (*cb) (int fd, short revents, void *arg), void *arg);
    /* Calls cb once, ms milliseconds (>= 0) from now.  Returns a handle > 0 or -errno; valid until cb is called. */
    int (*timer) (unsigned ms, void (*cb) (void *arg), void *arg);
    void (*timer_cancel) (int handle);
    /* The answer to a deferred tunnel_request: NULL = accept.  0, or -ENOENT: the tunnel is gone or was not deferred. */
    int (*decide) (uint16_t our_tid, const struct xl2tpd_cause *refusal);
    /* Closing happens after the hook or callback has returned.  flags: XL2TPD_ABRUPT.  0 or -ENOENT. */
    int (*close_tunnel) (uint16_t our_tid, const struct xl2tpd_cause *, unsigned flags);
    int (*close_call) (uint16_t our_tid, uint16_t our_cid, const struct xl2tpd_cause *);
    /* LAC: one more ICRQ in this tunnel.  0, -ENOENT: no such tunnel or it is not up, -ENOMEM. */
    int (*call) (uint16_t our_tid, uint64_t cookie);
    /* Mark of all that leaves for this tunnel (SO_MARK), data and control, from now on.  0 or -errno. */
    int (*set_mark) (uint16_t our_tid, uint32_t mark);
    /* Fills *info with the tunnel's present state.  0 or -ENOENT. */
    int (*tunnel) (uint16_t our_tid, struct xl2tpd_tunnel_info *info);
    /* In call_start only.  One word of pppd's command line, copied.  0 or -E2BIG. */
    int (*add_option) (void *opts, const char *word);
    /* In avp_out only.  0 or -E2BIG. */
    int (*add_avp) (void *msg, int mandatory, uint16_t vendor, uint16_t attr, const void *data, size_t len);
    uint16_t port;              /* UDP port of the listening socket ([global] port), host byte order; valid from start() on */
};

struct xl2tpd_plugin
{
    unsigned version;           /* XL2TPD_API_VERSION that the plugin was compiled with */
    const char *name;           /* one word; its lines in xl2tpd.conf begin with it */

    /* All hooks may be NULL.  Those that return int and take err: 0, or -1 with a message in err. */
    int (*open) (const struct xl2tpd_host *, char *err, size_t errlen);
    int (*option) (enum xl2tpd_section, const char *section, const char *key, const char *value, char *err, size_t errlen);
    int (*start) (char *err, size_t errlen);
    void (*close) (void);

    /* A UDP socket was made and is not bound yet, so nothing can be read from it: the listening one (tunnel NULL), or a tunnel's own.
       Nonzero: do not use it; xl2tpd does not start, or the tunnel ends.  */
    int (*socket) (int fd, const struct xl2tpd_tunnel_info *);

    /* An SCCRQ came and nothing was answered, or we are about to send one and nothing was sent. */
    int (*tunnel_request) (const struct xl2tpd_tunnel_info *, struct xl2tpd_cause *);
    void (*tunnel_up) (const struct xl2tpd_tunnel_info *);
    /* For each tunnel that tunnel_request was called for, once. */
    void (*tunnel_down) (const struct xl2tpd_tunnel_info *, const struct xl2tpd_cause *);
    /* ICRQ came (before ICRP) */
    int (*call_request) (const struct xl2tpd_tunnel_info *, const struct xl2tpd_call_info *, struct xl2tpd_cause *);
    /* ICCN/OCCN came or ICCN went: pppd is next */
    int (*call_start) (const struct xl2tpd_tunnel_info *, const struct xl2tpd_call_info *, void *opts, struct xl2tpd_cause *);
    void (*call_up) (const struct xl2tpd_tunnel_info *, const struct xl2tpd_call_info *);
    /* For each call that call_request or call_start was called for, once. */
    void (*call_down) (const struct xl2tpd_tunnel_info *, const struct xl2tpd_call_info *, const struct xl2tpd_cause *);
    /* An AVP that xl2tpd has no use for came; call is NULL for the tunnel's own messages.  Nonzero: understood. */
    int (*avp_in) (const struct xl2tpd_tunnel_info *, const struct xl2tpd_call_info *, int msgtype, uint16_t vendor, uint16_t attr,
                   const void *data, size_t len);
    /* SCCRQ, SCCRP, ICRQ or ICCN is being made: host->add_avp (msg, ...) */
    void (*avp_out) (const struct xl2tpd_tunnel_info *, const struct xl2tpd_call_info *, int msgtype, void *msg);
    /* Shared secret of a tunnel, NUL-terminated into buf.  Nonzero: given; 0: no opinion, xl2tpd looks in its file. */
    int (*secret) (const struct xl2tpd_tunnel_info *, const char *us, const char *them, char *buf, size_t size);
};

#endif
