# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's view: SAs, policies and error counters of a host."""

import re


def states(host):
    """List of SAs: src, dst, proto, spi (int), reqid, mode, algorithms as the
    kernel names them ('aead': 'rfc4106(gcm(aes))'), 'encap' (sport, dport) or None."""
    found = []
    for block in re.split(r"(?m)^(?=src )", host.run(["ip", "xfrm", "state"]).stdout):
        m = re.match(r"src (\S+) dst (\S+)\s+proto (\S+) spi 0x([0-9a-f]+) reqid (\d+) mode (\S+)", block)
        if not m:
            continue
        sa = {"src": m.group(1), "dst": m.group(2), "proto": m.group(3), "spi": int(m.group(4), 16),
              "reqid": int(m.group(5)), "mode": m.group(6), "encap": None}
        for kind, name in re.findall(r"^\s+(aead|enc|auth-trunc|auth|comp) (\S+)", block, re.M):
            sa[kind] = name
        e = re.search(r"encap type espinudp sport (\d+) dport (\d+)", block)
        if e:
            sa["encap"] = (int(e.group(1)), int(e.group(2)))
        found.append(sa)
    return found


def policies(host):
    """List of policies: sel (text), dir, action, priority, templates (text)."""
    found = []
    for block in re.split(r"(?m)^(?=src )", host.run(["ip", "xfrm", "policy"]).stdout):
        m = re.match(r"(src \S+ dst \S+[^\n]*)", block)
        d = re.search(r"(socket )?(in|out|fwd)\b(?: action (\w+))?", block[m.end():]) if m else None
        if not d:
            continue
        prio = re.search(r"priority (\d+)", block)
        found.append({"sel": m.group(1).strip(), "dir": d.group(2), "socket": bool(d.group(1)),
                      "action": d.group(3) or "allow", "priority": int(prio.group(1)) if prio else 0,
                      "templates": re.findall(r"tmpl ([^\n]*\n[^\n]*)", block)})
    return found


def counters(host):
    """/proc/net/xfrm_stat as a dictionary."""
    with open("/proc/%d/net/xfrm_stat" % host.holder.pid) as f:
        return {k: int(v) for k, v in (line.split() for line in f)}
