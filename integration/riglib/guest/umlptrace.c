// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LD_PRELOAD for User Mode Linux up to 6.15 on CPUs with AMX.
 *
 * Such a UML sets its processes' FP state by PTRACE_SETREGSET with the short
 * XSAVE area that it was built for.  The host's kernel wants the whole area,
 * which on a CPU with AMX is more than 10 kB, and answers EFAULT; UML panics
 * with "ptrace set fp regs failed, errno = 14".  So: read the whole area, lay
 * UML's part over its start, and write the whole area back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

#define REQ_GETREGSET 0x4204u
#define REQ_SETREGSET 0x4205u
#define SET_X86_XSTATE 0x202

#define XSAVE_HEADER 512 /* offset of XSTATE_BV in the area */
#define XSAVE_MIN 576	 /* legacy area and header */
/* x87 .. PKRU: what UML's own area can hold; AMX (bits 17, 18) stays out. */
#define XSTATE_KNOWN 0x3ffu

typedef long (*ptrace_fn)(unsigned int, long, void *, void *);

/* UML ptraces from one thread only, so one buffer is enough. */
static unsigned char whole[64 * 1024] __attribute__((aligned(64)));

static long set_xstate(ptrace_fn next, long pid, void *addr, struct iovec *part)
{
	struct iovec all = { whole, sizeof(whole) };
	uint64_t bv;

	if (part->iov_len < XSAVE_MIN || next(REQ_GETREGSET, pid, addr, &all) != 0 ||
	    all.iov_len <= part->iov_len)
		return next(REQ_SETREGSET, pid, addr, part);

	memcpy(whole, part->iov_base, part->iov_len);
	memcpy(&bv, whole + XSAVE_HEADER, sizeof(bv));
	bv &= XSTATE_KNOWN;
	memcpy(whole + XSAVE_HEADER, &bv, sizeof(bv));
	return next(REQ_SETREGSET, pid, addr, &all);
}

long ptrace(unsigned int request, long pid, void *addr, void *data)
{
	static ptrace_fn next;

	if (!next)
		next = (ptrace_fn)dlsym(RTLD_NEXT, "ptrace");
	if (request == REQ_SETREGSET && (long)addr == SET_X86_XSTATE)
		return set_xstate(next, pid, addr, data);
	return next(request, pid, addr, data);
}
