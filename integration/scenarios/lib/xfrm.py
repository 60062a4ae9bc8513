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


def snmp(host):
    """/proc/net/snmp as a dictionary, 'IpOutNoRoutes' and so on."""
    found = {}
    with open("/proc/%d/net/snmp" % host.holder.pid) as f:
        lines = f.read().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        proto = names.split(":")[0]
        found.update((proto + k, int(v)) for k, v in zip(names.split()[1:], values.split()[1:]))
    return found


def own_pair(host):
    """(inbound SPI, outbound SPI) of the one pair of SAs that HOST has."""
    inbound = [s["spi"] for s in states(host) if s["dst"] == host.address]
    outbound = [s["spi"] for s in states(host) if s["src"] == host.address]
    assert len(inbound) == len(outbound) == 1, (inbound, outbound)
    return inbound[0], outbound[0]


def used(host):
    """Packets that each SA has carried, by SPI."""
    text = host.run(["ip", "-s", "xfrm", "state"]).stdout
    return {int(spi, 16): int(n) for spi, n in
            re.findall(r"proto \w+ spi 0x([0-9a-f]+).*?lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)", text, re.S)}


def keys(host):
    """The keys of all SAs, as bytes."""
    text = host.run(["ip", "xfrm", "state"]).stdout
    return [bytes.fromhex(k) for k in re.findall(r"^\s+(?:aead|enc|auth-trunc|auth) \S+ 0x([0-9a-f]{16,})", text, re.M)]


def dropped(before, after, *names):
    """By how much the sum of error counters has risen."""
    return sum(after[n] - before[n] for n in names)
