# SPDX-License-Identifier: GPL-2.0-or-later
"""The same L2TP/IPsec tunnel three times over, stock and with sabus: as it should be, with a wrong PSK, and with its SA deleted.

Real daemons, real kernel; every figure below is read from tcpdump, the kernel or pppd's log, none from sabus' own status.
"""

import os
import textwrap

from lib import xfrm
from lib.wait import wait_for

# A careful administrator's options: encryption demanded in PPP as well, and a guessed MTU.
CAREFUL = ["require-mppe-128"]
WIDE = "mtu 1450\nmru 1450"
TITLES = {False: "STOCK   strongSwan, xl2tpd and pppd as they come", True: "SABUS   the same daemons and options, with sabus loaded at both ends"}


def suite(host):
    s = xfrm.states(host)[0]
    return s.get("aead") or "%s + %s" % (s.get("enc"), s.get("auth-trunc"))


def say_block(ctx, text, indent="        "):
    ctx.say(textwrap.fill(" ".join(text.split()), 150, initial_indent=indent, subsequent_indent=indent + "  "))


def decision(ctx, end, verbs):
    """The last line of sabus in END's log that begins with one of VERBS."""
    lines = [x for x in end.ppp().decisions() if x.split()[1] in verbs]
    if lines:
        ctx.say("      decision of the %s:" % end.role)
        say_block(ctx, lines[-1])


def as_it_should_be(ctx, sabus):
    """IKE works, and pppd's options are a careful administrator's: 'require-mppe-128', and a guessed 'mtu 1450'. What runs inside what, and how large
    are the packets?"""
    t = ctx.tunnel(sabus=sabus, ppp=CAREFUL, ppp_mtu=WIDE).up()
    mppe = t.lns.ppp().mppe()
    mtu = t.mtu("lns")
    t.ping(count=3)
    t.ping(count=3, size=mtu - 28, df=True, check=False)
    fragments = len(t.wire.fragments())
    ctx.say("      ESP:      %s" % suite(t.lns.host))
    ctx.say("      MPPE:     %s" % (mppe + "  <- the same bytes are encrypted twice" if mppe else "none; the SA encrypts"))
    ctx.say("      ppp0 MTU: %d; the largest packet it admits makes %s" % (
        mtu, "%d IP fragments on the wire (3 pings, both ways)" % fragments if fragments else
        "one IP packet of %d bytes, no fragment" % t.wire.largest()))
    decision(ctx, t.lns, ("accept",))
    return {"encrypted": "twice: MPPE inside ESP" if mppe else "once: ESP", "mtu": mtu, "fragments": fragments}


def deleted(ctx, sabus):
    """The CHILD_SA is deleted while the session runs (expiry, DPD, an administrator)."""
    t = ctx.tunnel(sabus=sabus).up()
    t.ping(count=2)
    t.client.charon.terminate(ike="l2tp")
    wait_for("no SA in the kernel", lambda: not xfrm.states(t.client.host), 10)
    if sabus:
        t.wait_down(20)
    answers = t.ping(count=3, check=False, wait=1) if t.is_up() else 0
    clear = len(t.wire.clear_l2tp())
    if answers:
        ctx.say("      ppp0 is still up, %d of 3 pings answered, without any SA" % answers)
    else:
        ctx.say("      ppp0 is gone")
    ctx.say("      clear-text L2TP packets on the wire: %d" % clear)
    decision(ctx, t.client, ("close",))
    return {"deleted": "goes on in clear text" if answers else "ends, with its reason", "deleted clear": clear}


def wrong_psk(ctx, sabus):
    """The client's pre-shared key is wrong: IKE fails. A careful administrator would expect no link."""
    t = ctx.tunnel(sabus=sabus, psk={"client": "not-the-key"})
    t.start()
    ike = t.ike(check=False)
    ctx.say("      IKE:      %s" % ("established" if ike.returncode == 0 else "failed (AUTHENTICATION_FAILED), as it must"))
    t.dial()
    try:
        t.wait_up(12)
    except (AssertionError, TimeoutError):
        pass
    up = t.is_up()
    pings = t.ping(count=3, check=False) if up else 0
    clear = len(t.wire.clear_l2tp())
    ctx.say("      ppp0:     %s" % ("UP, %d of 3 pings answered" % pings if up else "none"))
    ctx.say("      clear-text L2TP packets on the wire: %d%s" % (
        clear, "  <- the user name and all data are readable" if clear else ""))
    if not up and sabus:
        ctx.say("      the kernel's guard dropped what xl2tpd sent; no SCCRQ left, so no pppd was started")
    return {"psk": "link in clear text" if up else "no link", "psk clear": clear}


def refused(ctx):
    """And if the guard had been forgotten? xl2tpd would talk in clear text; pppd's plugin still lets no session be."""
    t = ctx.tunnel(psk={"client": "not-the-key"}, guard=False)
    t.start()
    t.ike(check=False)
    t.dial()
    wait_for("a refusal in pppd's log", lambda: t.lns.ppp().said("refuse") or t.client.ppp().said("refuse"), 30)
    ctx.say("      ppp0:     %s" % ("UP" if t.is_up() else "none"))
    for end in t.ends.values():
        decision(ctx, end, ("refuse",))


PARTS = (("1. The tunnel as it should be", as_it_should_be), ("2. Wrong PSK", wrong_psk), ("3. The SA is deleted mid-session", deleted))
ROWS = (("user data is encrypted", "encrypted"), ("ppp0 MTU", "mtu"), ("IP fragments of 3 full-size pings", "fragments"),
        ("wrong PSK", "psk"), ("  clear L2TP packets on the wire", "psk clear"), ("SA deleted: the session", "deleted"),
        ("  clear L2TP packets on the wire", "deleted clear"))


def table(ctx, facts):
    ctx.say("")
    ctx.say("  %-36s %-28s %s" % ("", "stock", "sabus"))
    for title, key in ROWS:
        ctx.say("  %-36s %-28s %s" % (title, facts[False][key], facts[True][key]))
    ctx.say("")
    ctx.say("  Logs and captures of each part: integration/results/demo/")


def own_directory(ctx, top, title, sabus):
    """Each part's logs and captures by themselves: the witnesses read the whole file."""
    ctx.dir = os.path.join(top, "%s-%s" % (title.split(".")[0], "sabus" if sabus else "stock"))
    os.makedirs(ctx.dir, exist_ok=True)


def run(ctx):
    top = ctx.dir
    facts = {False: {}, True: {}}
    for title, part in PARTS:
        ctx.say("")
        ctx.say("== " + title)
        say_block(ctx, part.__doc__, "   ")
        for sabus in (False, True):
            ctx.say("")
            ctx.say("   " + TITLES[sabus])
            own_directory(ctx, top, title, sabus)
            facts[sabus].update(part(ctx, sabus))
            ctx.clear()
    ctx.say("")
    ctx.say("== 4. Wrong PSK, and no guard")
    say_block(ctx, refused.__doc__, "   ")
    own_directory(ctx, top, "4", True)
    refused(ctx)
    ctx.clear()
    table(ctx, facts)
