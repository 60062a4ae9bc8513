# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: silence on a good host, and each trap by itself, with its place.

The host is a directory, made from conf-templates as an administrator would: what is wrong is one change."""

import importlib.machinery
import importlib.util
import json
import os
import re

import ctl
import pytest


def render_module():
    loader = importlib.machinery.SourceFileLoader("render", os.path.join(ctl.SRC, "conf-templates/render"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("render", loader))
    loader.exec_module(module)
    return module


RENDER = render_module()
KERNEL = "6.12.0-test"
MODULES = ("net/l2tp/l2tp_ppp", "drivers/net/ppp/ppp_mppe", "net/ipv4/esp4", "net/xfrm/xfrm_user")
UDP = "  sl  local_address rem_address   st\n   7: 00000000:0035 00000000:0000 07 00000000:00000000\n"


class Host:
    def __init__(self, top):
        self.top = str(top)

    def path(self, name):
        return os.path.join(self.top, name.lstrip("/"))

    def read(self, name):
        if os.path.islink(self.path(name)):
            return self.read(os.readlink(self.path(name)))
        with open(self.path(name)) as f:
            return f.read()

    def write(self, name, data, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)

    def change(self, name, old, new):
        text = self.read(name)
        assert text.count(old) == 1, (name, old)
        mode = os.stat(self.path(name)).st_mode & 0o777
        self.write(name, text.replace(old, new), mode)

    def add(self, name, line):
        self.write(name, (self.read(name) if os.path.exists(self.path(name)) else "") + line + "\n")

    def look(self, *args):
        got = ctl.run("doctor", "--json", "--root", self.top, *args)
        assert not got.stderr, got
        return got.returncode, json.loads(got.stdout)


SWANCTL, XL2TPD, OPTIONS = "/etc/swanctl/swanctl.conf", "/etc/xl2tpd/xl2tpd.conf", "/etc/ppp/options.xl2tpd"
PLUGINS = "/usr/lib/ipsec/plugins/"
BOOT = "/etc/systemd/system/sysinit.target.wants/sabus-guard.service"
CHARON = "/etc/strongswan.d/charon/sabus.conf"
IPSEC = """config setup
conn %default
	keyexchange=ikev1
conn base
	authby=secret
	type=transport
	leftprotoport=17/1701
	rightprotoport=17/%any
	right=192.0.2.77
	esp=aes256-sha256!

conn l2tp
	also=base
	ike=aes256-sha256-modp2048!
	auto=add

conn old
	esp=3des-md5
	leftprotoport=17/1799
	auto=ignore
"""


def by_starter(h, old="", new=""):
    """The same host with ipsec.conf in place of swanctl.conf, and what is wrong in it."""
    assert IPSEC.count(old) == 1 or not old
    os.unlink(h.path(SWANCTL))
    h.write("/etc/ipsec.conf", IPSEC.replace(old, new) if old else IPSEC)
    h.write("/etc/ipsec.secrets", '192.0.2.1 192.0.2.77 : PSK "made up"\n', 0o600)


def link_out(h):
    """An absolute link means a file of that host, not of ours."""
    h.write("/etc/elsewhere", h.read(OPTIONS) + "nomppe\n")
    os.unlink(h.path(OPTIONS))
    os.symlink("/etc/elsewhere", h.path(OPTIONS))


@pytest.fixture
def host(tmp_path):
    h = Host(tmp_path / "host")
    for name, text in RENDER.render("lns", {"PPP_MTU": "mtu 1380", "MARK": "%unique", "SET_MARK": "%same", "XL2TPD_SAREF": "ipsec saref = mark"}).items():
        h.write("/etc/" + name, text, 0o600 if RENDER.private(text) else 0o644)
    h.change(SWANCTL, "ike-l2tp {", "ike-alice {\n\t\tid-1 = alice@example.org")
    h.write("/usr/sbin/pppd", b"\x7fELF\0/usr/lib/pppd/2.5.2\0more")
    h.write("/usr/lib/pppd/2.5.2/sabus.so", b"\x7fELF\x002.5.2\0")
    h.write("/usr/sbin/charon-systemd", b"\x7fELF\0Starting (strongSwan 6.0.1, %s %s)\0")
    h.write(PLUGINS + "libstrongswan-sabus.so", b"\x7fELF\0sabus\x006.0.1\0")
    h.write(PLUGINS + "libstrongswan-forecast.so", b"")
    h.write("/usr/sbin/xl2tpd", b"\x7fELF\0xl2tpd_plugin\0")
    h.write("/proc/sys/kernel/osrelease", KERNEL + "\n")
    h.write("/lib/modules/%s/modules.dep" % KERNEL, "".join("kernel/%s.ko.xz: kernel/x.ko\n" % m for m in MODULES[1:]))
    h.write("/lib/modules/%s/modules.builtin" % KERNEL, "kernel/%s.ko\n" % MODULES[0])
    h.write("/proc/net/udp", UDP)
    h.write("/etc/modprobe.d/other.conf", "# blacklist l2tp_ppp\nblacklist pcspkr\ninstall l2tp_ppp /sbin/modprobe -i l2tp_ppp\n")
    h.write("/etc/radcli/servers", "# nothing but comments\n")
    h.write(BOOT, "")
    h.write("/var/log/kern.log", 'apparmor="DENIED" operation="open" name="/etc/other"\n')
    return h


def findings(got):
    return [f for f in got["findings"] if f["looked"]]


def test_silence_on_a_good_host(host):
    status, got = host.look()
    assert status == 0 and not findings(got), findings(got)
    assert [f["check"] for f in got["findings"]] == ["guard"] and host.top in got["findings"][0]["evidence"]
    said = ctl.run("doctor", "--root", host.top)
    assert said.returncode == 0 and said.stdout.endswith("%d checks, 0 findings, 1 could not look\n" % len(got["checks"]))


def radius(host, dictionary):
    ours = "VENDOR Sabus 32473\nATTRIBUTE Sabus-Protected 1 integer Sabus\nATTRIBUTE Sabus-Event 19 string Sabus\n"
    host.add(OPTIONS, "plugin sabus-radius.so")
    host.write("/etc/radcli/radiusclient.conf", "# comment\ndictionary /etc/radcli/dictionary\n")
    if dictionary is not None:
        host.write("/etc/radcli/dictionary", dictionary)
    (blind,) = [f for f in host.look("--only", "radius-dictionary")[1]["findings"] if not f["looked"]]
    host.write(re.match(r"there is no (/\S+/freeradius/dictionary.sabus.radiusclient)$", blind["evidence"]).group(1), ours)


# as the kernel has said them
DENIED = ('audit: type=1400 audit(1795991475.756:10): apparmor="DENIED" operation="connect" class="file" profile="/usr/sbin/charon-systemd" '
          'name="/run/sabus/sa.sock" pid=503 comm="charon-systemd" requested_mask="wr" denied_mask="wr" fsuid=0 ouid=0\n')
LOADED = ('audit: type=1400 audit(1795991461.947:4): apparmor="STATUS" operation="profile_replace" profile="unconfined" '
          'name="/usr/sbin/charon-systemd" pid=403 comm="apparmor_parser"\n')
PROFILE = "/etc/apparmor.d/usr.sbin.charon-systemd"


# what is done to the host, check, evidence
BREAK = {
    "pppd-without-sabus": (lambda h: h.change(OPTIONS, "file /etc/ppp/options.sabus", "mtu 1380"), "unchecked", "no 'plugin sabus.so' in pppoptfile " + OPTIONS),
    "section-without-options": (lambda h: h.add(XL2TPD, "[lac office]\nlns = 192.0.2.9"), "unchecked", "[lac office] has no pppoptfile"),
    "charon-plugin-off": (lambda h: h.change(CHARON, "load = yes", "load = no"), "publisher", CHARON),
    "charon-plugin-not-there": (lambda h: os.unlink(h.path(PLUGINS + "libstrongswan-sabus.so")), "publisher", "there is no libstrongswan-sabus.so"),
    "charon-plugin-not-named": (lambda h: os.unlink(h.path(CHARON)), "publisher", "sabus { load = yes }"),
    "libreswan": (lambda h: (by_starter(h), h.write("/usr/libexec/ipsec/pluto", b"\x7fELF")), "libreswan", "/etc/ipsec.conf:7: leftprotoport=17/1701: conn base is run by /usr/libexec/ipsec/pluto"),
    "starter-selectors": (lambda h: by_starter(h, "leftprotoport=17/1701", "leftprotoport=17/1702"), "selectors", "/etc/ipsec.conf:7: local_ts 'dynamic[17/1702]'"),
    "starter-weak-esp": (lambda h: by_starter(h, "esp=aes256-sha256!", "esp=aes256-sha256,3des-md5!"), "weak-esp", "/etc/ipsec.conf:10: esp_proposals offers 3des-md5"),
    "starter-weak-ike": (lambda h: by_starter(h, "modp2048", "modp1024"), "weak-ike", "/etc/ipsec.conf:14: proposals offers aes256-sha256-modp1024"),
    "starter-readable-secret": (lambda h: (by_starter(h), os.chmod(h.path("/etc/ipsec.secrets"), 0o644)), "secrets", "/etc/ipsec.secrets: mode 0644"),
    "behind-a-link": (link_out, "ppp-mppe", OPTIONS),
    "selectors-of-a-server": (lambda h: h.change(SWANCTL, "local_ts = dynamic[udp/1701]", "local_ts = dynamic[udp/1702]"), "selectors",
                              SWANCTL + ":24: local_ts 'dynamic[udp/1702]' does not admit UDP port 1701"),
    "port-of-xl2tpd": (lambda h: h.change(XL2TPD, "[global]", "[global]\nport = 1710"), "selectors", "UDP port 1710"),
    "selectors-of-a-client": (lambda h: (h.add(XL2TPD, "[lac office]\nlns = 192.0.2.9\npppoptfile = " + OPTIONS), h.change(SWANCTL, "remote_ts = dynamic[udp]", "remote_ts = dynamic[udp/17]")),
                              "selectors", "remote_ts 'dynamic[udp/17]'"),
    "forecast": (lambda h: h.change("/etc/strongswan.d/charon/forecast.conf", "load = no", "load = yes"), "marks", "charon loads 'forecast'"),
    "connmark": (lambda h: (h.write(PLUGINS + "libstrongswan-connmark.so", b""), h.write("/etc/strongswan.d/charon/connmark.conf", "connmark {\n}\n")), "marks",
                 "charon loads 'connmark'"),
    "pppd-of-another-release": (lambda h: h.write("/usr/sbin/pppd", b"\0/usr/lib/pppd/2.5.3\0"), "pppd-version", "pppd is 2.5.3, the plugin is for another: /usr/lib/pppd/2.5.2/"),
    "built-for-another-pppd": (lambda h: h.write("/usr/lib/pppd/2.5.2/sabus.so", b"\x7fELF\x002.5.1\0/usr/lib/pppd/2.5.2/\0"), "pppd-version",
                               "pppd is 2.5.2, /usr/lib/pppd/2.5.2/sabus.so was built for another"),
    "no-plugin-of-pppd": (lambda h: os.unlink(h.path("/usr/lib/pppd/2.5.2/sabus.so")), "pppd-version", "there is no sabus.so"),
    "charon-of-another-release": (lambda h: h.write("/usr/sbin/charon-systemd", b"\0(strongSwan 6.0.11, \0"), "charon-version", "strongSwan 6.0.11"),
    "blacklisted": (lambda h: h.write("/etc/modprobe.d/l2tp_ppp-blacklist.conf", "# Remove the blacklist by adding a comment #\nblacklist l2tp-ppp\n"), "blacklist",
                    "/etc/modprobe.d/l2tp_ppp-blacklist.conf:2: 'blacklist l2tp-ppp'"),
    "installed-as-false": (lambda h: h.write("/usr/lib/modprobe.d/x.conf", "install esp4 /bin/false\n"), "blacklist", "install esp4"),
    "module-missing": (lambda h: h.write("/lib/modules/%s/modules.dep" % KERNEL, "kernel/net/ipv4/esp4.ko: \nkernel/net/xfrm/xfrm_user.ko:\n"), "modules",
                       "the running kernel 6.12.0-test has no module ppp_mppe"),
    "apparmor": (lambda h: h.write("/etc/apparmor.d/usr.sbin.charon-systemd", "/usr/sbin/charon-systemd {\n}\n"), "apparmor", "local/usr.sbin.charon-systemd does not add it"),
    "denied-by-apparmor": (lambda h: h.add("/var/log/kern.log", 'kernel: apparmor="DENIED" operation="connect" profile="charon" name="/run/sabus/sa.sock"'), "denied",
                           "/run/sabus/sa.sock"),
    "denied-again": (lambda h: h.write("/var/log/kern.log", DENIED + LOADED + DENIED.replace("sa.sock", "new.sock")), "denied", "/run/sabus/new.sock"),
    "denied-and-another-loaded": (lambda h: h.write("/var/log/kern.log", DENIED + LOADED.replace('name="', 'name="/x')), "denied", "/run/sabus/sa.sock"),
    "denied-by-selinux": (lambda h: h.write("/var/log/audit/audit.log", 'type=AVC msg=audit(1): avc:  denied  { connectto } comm="charon" path="/run/sabus/sa.sock"\n'), "denied",
                          "avc:  denied"),
    "mppe-required": (lambda h: h.add(OPTIONS, "require-mppe-128"), "ppp-mppe", "'require-mppe-128' has no effect"),
    "mppe-refused-in-a-file": (lambda h: h.add("/etc/ppp/options.sabus", "lock nomppe"), "ppp-mppe", "'nomppe' has no effect"),
    "no-ccp": (lambda h: h.add(OPTIONS, "  noccp # because"), "ppp-mppe", "'noccp' ends links whose SA does not encrypt"),
    "mtu": (lambda h: h.change(OPTIONS, "mtu 1380", "mtu 1410"), "ppp-mtu", "'mtu 1410', but ESP AES_CBC-256/HMAC_SHA"),
    "mru": (lambda h: h.change(OPTIONS, "mtu 1380", "mru 1500"), "ppp-mtu", "'mru 1500'"),
    "des": (lambda h: h.change(SWANCTL, "esp_proposals = ", "esp_proposals = des-md5,"), "weak-esp", "esp_proposals offers des-md5: RFC 8221 says MUST NOT"),
    "3des": (lambda h: h.change(SWANCTL, ",aes256-sha1", ",aes256-sha1, 3des-sha1"), "weak-esp", "3des-sha1: RFC 8221 says SHOULD NOT"),
    "no-integrity": (lambda h: h.change(SWANCTL, ",aes256-sha1", ",aes256"), "weak-esp", "aes256: it has no integrity"),
    "modp1024": (lambda h: h.change(SWANCTL, "aes256-sha256-x25519", "aes128-sha1-modp1024"), "weak-ike", "aes128-sha1-modp1024: of modp1024"),
    "readable-secret": (lambda h: os.chmod(h.path("/etc/ppp/chap-secrets"), 0o644), "secrets", "/etc/ppp/chap-secrets: mode 0644"),
    "readable-swanctl": (lambda h: os.chmod(h.path(SWANCTL), 0o644), "secrets", SWANCTL),
    "readable-include": (lambda h: (h.add(SWANCTL, "include conf.d/*.conf"), os.chmod(h.path(SWANCTL), 0o600),
                                    h.write("/etc/swanctl/conf.d/more.conf", 'secrets { eap-bob { id = bob\nsecret = "x # } y" } }\n')), "secrets", "conf.d/more.conf: mode 0644"),
    "readable-servers": (lambda h: h.write("/etc/radcli/servers", "# comment\n  radius.example.org secret\n"), "secrets", "/etc/radcli/servers"),
    "writable-key": (lambda h: h.write("/etc/swanctl/private/key.pem", "-----BEGIN\n", 0o622), "secrets", "may write it"),
    "force-userspace": (lambda h: h.change(XL2TPD, "[global]", "[global]\nforce userspace = yes"), "userspace", "force userspace"),
    "saref-of-stock-xl2tpd": (lambda h: h.write("/usr/sbin/xl2tpd", b"\x7fELF"), "userspace", "ipsec saref = mark"),
    "radius-old-dictionary": (lambda h: radius(h, "ATTRIBUTE Sabus-Protected 1 integer Sabus\nATTRIBUTE Sabus-Events 2 string\n"), "radius-dictionary",
                              "/etc/radcli/dictionary does not know Sabus-Event"),
    "radius-no-dictionary": (lambda h: radius(h, None), "radius-dictionary", "there is no dictionary /etc/radcli/dictionary"),
}


# what sabus.so overrides in a running pppd
NO_HARM = {"mppe-required", "mppe-refused-in-a-file", "behind-a-link", "mtu", "mru"}
WEIGHTS = {"danger": "unchecked weak-esp weak-ike secrets", "broken": "publisher libreswan selectors marks pppd-version charon-version blacklist modules "
           "apparmor denied ppp-mppe ppp-mtu userspace radius-dictionary"}
WEIGHTS = {check: weight for weight, checks in WEIGHTS.items() for check in checks.split()}


def assert_place(host, evidence):
    """Where a line is named, it is the one that the words are about."""
    place = re.match(r"(/[^\s:]+):(\d+): (.*)", evidence)
    if place:
        line = host.read(place.group(1)).splitlines()[int(place.group(2)) - 1]
        assert any(word in line for word in re.findall(r"[\w/-]{3,}", place.group(3))), (evidence, line)


@pytest.mark.parametrize("case", sorted(BREAK))
def test_exactly_that(host, case):
    broken, check, evidence = BREAK[case]
    broken(host)
    status, got = host.look()
    weight = "advice" if case in NO_HARM else WEIGHTS[check]
    assert {(f["check"], f["weight"]) for f in findings(got)} == {(check, weight)} and status == (0 if weight == "advice" else 3), findings(got)
    assert any(evidence in f["evidence"] for f in findings(got)), findings(got)
    assert all(f["remedy"] and host.top not in f["evidence"] for f in findings(got))
    for f in findings(got):
        assert_place(host, f["evidence"])
    said = ctl.run("doctor", "--root", host.top)
    assert said.returncode == status and "%s: %s: " % (weight, check) in said.stdout and "remedy: " + findings(got)[0]["remedy"] in said.stdout


def test_stock_xl2tpd_with_many_tunnels(host):
    host.change(XL2TPD, "ipsec saref = mark", "; stock")
    host.write("/proc/net/pppol2tp", "PPPoL2TP driver info, V2.0\n" + "TUNNEL '10', Y 2\n  SESSION '' 01000A00:06A5\n" * 1200)
    assert not findings(host.look()[1])
    host.write("/usr/sbin/xl2tpd", b"\x7fELF")
    status, got = host.look()
    assert [f["check"] for f in findings(got)] == ["xl2tpd-limit"] and "1200 tunnels" in findings(got)[0]["evidence"] and status == 3


def test_options_of_a_pppd_without_sabus(host):
    """There they are what they always were."""
    host.change(OPTIONS, "file /etc/ppp/options.sabus", "require-mppe-128\nnoccp")
    host.change(OPTIONS, "mtu 1380", "mtu 1450")
    status, got = host.look()
    assert status == 3 and [(f["check"], f["weight"]) for f in findings(got)] == [("unchecked", "danger"), ("ppp-mppe", "broken"), ("ppp-mtu", "broken")]
    assert "'require-mppe-128' asks for MPPE inside the SA" in findings(got)[1]["evidence"] and "no effect" not in findings(got)[2]["evidence"]


def test_options_of_every_pppd(host):
    """/etc/ppp/options counts for all: what it loads, and what it says."""
    host.change(OPTIONS, "file /etc/ppp/options.sabus", "")
    host.write("/etc/ppp/options", "plugin sabus.so\n")
    assert not findings(host.look()[1])
    host.change(CHARON, "load = yes", "load = no")
    assert [f["check"] for f in findings(host.look()[1])] == ["publisher"]
    host.change(CHARON, "load = no", "load = yes")
    host.add("/etc/ppp/options", "-ccp")
    assert ["/etc/ppp/options:2: '-ccp'" in f["evidence"] for f in findings(host.look()[1])] == [True]


def test_a_denial_is_over_when_the_policy_is_loaded_anew(host):
    host.write("/var/log/kern.log", DENIED + DENIED + LOADED)
    assert not findings(host.look()[1])
    host.write("/var/log/audit/audit.log", 'type=AVC msg=audit(1): avc:  denied  { connectto } comm="charon" path="/run/sabus/sa.sock"\ntype=MAC_POLICY_LOAD msg=audit(2): lsm=selinux res=1\n')
    assert not findings(host.look()[1])


@pytest.mark.parametrize("flags, disabled, trap", [("flags=(attach_disconnected)", False, True), ("flags=(complain,attach_disconnected)", False, False), ("", True, False)])
def test_only_a_profile_in_force_is_a_trap(host, flags, disabled, trap):
    """As Debian ships it, complain mode lets everything pass."""
    host.write(PROFILE, "/usr/sbin/charon-systemd %s {\n}\n" % flags)
    if disabled:
        host.write("/etc/apparmor.d/disable/usr.sbin.charon-systemd", "")
    assert bool(findings(host.look()[1])) == trap


def test_xl2tpd_of_the_administrator(host):
    """README's own way to the patched one: it is in /usr/local/sbin, beside the stock one."""
    host.write("/usr/local/sbin/xl2tpd", host.read("/usr/sbin/xl2tpd"))
    host.write("/usr/sbin/xl2tpd", b"\x7fELF")
    assert not findings(host.look()[1])
    host.write("/usr/local/sbin/xl2tpd", b"\x7fELF")
    assert [f["check"] for f in findings(host.look()[1])] == ["userspace"]


def test_group_psk_is_advice(host):
    host.change(SWANCTL, "\n\t\tid-1 = alice@example.org", "")
    status, got = host.look()
    assert status == 0 and [(f["check"], f["weight"]) for f in findings(got)] == [("group-psk", "advice")]
    host.change(SWANCTL, "remote_addrs = %any", "remote_addrs = 192.0.2.77")
    assert not findings(host.look()[1])


def test_group_psk_of_the_starter(host):
    by_starter(host)
    assert not findings(host.look()[1])
    host.change("/etc/ipsec.conf", "right=192.0.2.77", "right=%any")
    assert not findings(host.look()[1])
    host.change("/etc/ipsec.secrets", "192.0.2.77", "%any")
    status, got = host.look()
    assert status == 0 and [(f["check"], f["evidence"].split(":")[0]) for f in findings(got)] == [("group-psk", "/etc/ipsec.secrets")]


@pytest.mark.parametrize("way", ["/etc/runlevels/default/sabus-guard", "/etc/rc2.d/S01sabus-guard", "/etc/rc.local", "xl2tpd"])
def test_boot_is_advice(host, way):
    """A guard that nobody raises at the next boot, and each way to have it raised."""
    os.unlink(host.path(BOOT))
    host.write("/etc/init.d/sabus-guard", "ip -batch /etc/sabus/guard.batch\n")     # the package's, not enabled
    status, got = host.look()
    assert status == 0 and [(f["check"], f["weight"]) for f in findings(got)] == [("boot", "advice")]
    if way == "xl2tpd":
        host.change(XL2TPD, "; plugin = sabus", "plugin = sabus")
    else:
        host.write(way, "ip -batch /etc/sabus/guard.batch\n")
    assert not findings(host.look()[1])


def test_reauth_is_advice(host):
    host.change(SWANCTL, "unique = never", "unique = never\n\t\treauth_time = 0s")
    assert not findings(host.look()[1])
    host.change(SWANCTL, "reauth_time = 0s", "reauth_time = 8h")
    status, got = host.look()
    assert status == 0 and [(f["check"], f["weight"]) for f in findings(got)] == [("reauth", "advice")]


def test_xl2tpd_plugin_is_enough(host):
    """plugin = sabus loads sabus.so into each pppd by itself."""
    host.change(OPTIONS, "file /etc/ppp/options.sabus", "")
    assert [f["check"] for f in findings(host.look()[1])] == ["unchecked"]
    host.change(XL2TPD, "; plugin = sabus", "plugin = sabus")
    assert not findings(host.look()[1])


def test_a_fifo_does_not_hold_it(host):
    os.unlink(host.path(OPTIONS))
    os.mkfifo(host.path(OPTIONS))
    assert [f["check"] for f in findings(host.look()[1])] == ["unchecked"]


def test_radius_dictionary_that_includes(host):
    radius(host, "$INCLUDE more/dictionary.sabus\nATTRIBUTE User-Name 1 string\n")
    host.write("/etc/radcli/more/dictionary.sabus", "ATTRIBUTE\tSabus-Protected\t1\tinteger\nATTRIBUTE Sabus-Event 19 string\n")
    status, got = host.look()
    assert status == 0 and not findings(got), findings(got)


def test_it_says_where_it_cannot_look(tmp_path):
    """An empty host: nothing is found, and nobody claims to have looked at all of it."""
    status, got = Host(tmp_path).look()
    blind = {f["check"] for f in got["findings"] if not f["looked"]}
    assert status == 0 and not findings(got) and blind == {"guard", "selectors", "modules"}


def as_fedora(h):
    """The same host with strongSwan's files where Fedora has them."""
    for old, new in (("/etc/swanctl", "/etc/strongswan/swanctl"), ("/etc/strongswan.d", "/etc/strongswan/strongswan.d"),
                     (PLUGINS.rstrip("/"), "/usr/lib64/strongswan/plugins"), ("/usr/sbin/charon-systemd", "/usr/libexec/strongswan/charon")):
        os.makedirs(os.path.dirname(h.path(new)), exist_ok=True)
        os.rename(h.path(old), h.path(new))


@pytest.mark.parametrize("check, path, data", [
    ("publisher", "/usr/lib64/strongswan/plugins/libstrongswan-sabus.so", None),
    ("publisher", "/etc/strongswan/strongswan.d/charon/sabus.conf", "sabus { load = no }\n"),
    ("charon-version", "/usr/libexec/strongswan/charon", b"\x7fELF\0Starting (strongSwan 5.9.14, %s %s)\0"),
    ("marks", "/etc/strongswan/strongswan.d/charon/forecast.conf", "forecast { load = yes }\n"),
    ("secrets", "/etc/strongswan/swanctl/private/key.pem", b"-----BEGIN PRIVATE KEY-----\n"),
])
def test_files_of_fedora(host, check, path, data):
    """Where Fedora has strongSwan's files they are found as well: silence on a good host, exactly this trap on one that is not."""
    as_fedora(host)
    status, got = host.look()
    assert status == 0 and not findings(got), findings(got)
    if data is None:
        os.unlink(host.path(path))
    else:
        host.write(path, data)
    assert {f["check"] for f in findings(host.look()[1])} == {check}


def test_l2tp_listener(host):
    """Whether it is a trap only the kernel's policies can say, which are not below a directory."""
    host.write("/proc/net/udp6", UDP + "   8: 00000000000000000000000000000000:06A5 0:0 07\n")
    _, got = host.look()
    assert not findings(got) and {f["check"] for f in got["findings"]} == {"guard", "clear-l2tp"}


def test_only(host):
    os.chmod(host.path("/etc/ppp/chap-secrets"), 0o644)
    host.add(OPTIONS, "nomppe")
    assert [f["check"] for f in findings(host.look("--only", "secrets")[1])] == ["secrets"]
    assert {f["check"] for f in findings(host.look("--only", "secrets", "--only", "ppp-mppe")[1])} == {"secrets", "ppp-mppe"}
    assert host.look("--only", "marks")[0] == 0
    got = ctl.run("doctor", "--only", "everything")
    assert got.returncode == 2 and "--list" in got.stderr


def test_every_check_is_tested():
    names = set(json.loads(ctl.run("doctor", "--list", "--json").stdout)["checks"])
    listed = {line.split()[0] for line in ctl.run("doctor", "--list").stdout.splitlines()[1:]}
    tested = {check for _, check, _ in BREAK.values()} | {"group-psk", "xl2tpd-limit", "boot", "reauth"}
    assert names == listed == tested | {"guard", "clear-l2tp", "bus"}     # those on a running host: scenarios doctor_*


@pytest.mark.parametrize("name, junk", [(SWANCTL, b"connections {\n a { children { b {"), (SWANCTL, b"}}}}\n= = = {\nsecrets { x { secret = \""),
                                        (SWANCTL, b"include swanctl.conf\ninclude /etc/swanctl/*.conf\n"), (XL2TPD, b"[\n[]\n=\n[lns \n= x\n\xff\xfe"),
                                        (OPTIONS, b"file /etc/ppp/options.xl2tpd\nfile\n\"\n'x\nmtu\nmtu 99999999999999999999\n"),
                                        ("/etc/modprobe.d/x.conf", b"blacklist\ninstall\ninstall l2tp_ppp\n\n\0\0"), ("/proc/net/udp", b"\0 1: :\n: :\n"),
                                        (SWANCTL, b"a" * 100000 + b" {\n" * 300), ("/usr/sbin/pppd", b"/pppd/" * 1000)])
def test_junk_is_survived(host, name, junk):
    host.write(name, junk, 0o600)
    status, got = host.look()
    assert status in (0, 3) and got["checks"]
