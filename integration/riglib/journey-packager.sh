# SPDX-License-Identifier: GPL-2.0-or-later
# What journey.py runs in a bare Debian; 'follow NAME' is a block of README.md.  The rest looks at what came of it.

OURS='sabus libsabus0 ppp-sabus strongswan-sabus xl2tpd-sabus'

fail() {
	echo "journey_packager: $*"
	exit 1
}

# $1 file, $2 what must be in it, $3 what that shows
says() {
	grep -E -q -e "$2" "$1" || { tail -n 20 "$1"; fail "$3: no '$2' in $1"; }
}

must_fail() {
	if (follow "$1") >/tmp/refused 2>&1; then
		fail "$2"
	fi
}

# The one release that PACKAGE ($1) is for is the one of WHAT ($2), at least and below the next.
for_one_release() {
	release=$(dpkg-query -W -f '${source:Upstream-Version}' "$2") || fail "$2 is not installed"
	dpkg-query -W -f '${Depends}\n' "$1" >/tmp/depends
	says /tmp/depends "$2 \(>= ${release//./\\.}[^)]*\)" "$1 depends on its $2"
	says /tmp/depends "$2 \(<< [^)]+\)" "$1 does not depend on a later $2"
}

# A daemon here would be one on the network of the host.  This Debian has process ids of its own: all that was started is seen.
nobody_runs() {
	for c in /proc/[0-9]*/comm; do
		name=$(cat "$c" 2>/dev/null)
		case $name in
		sabus* | xl2tpd* | charon* | starter | pppd) fail "$name has been started" ;;
		esac
	done
}

nothing_missing() {
	for f in "$@"; do
		[ -s "$f" ] || fail "$f is not there"
	done
}

look() {
	dpkg -l $OURS || fail 'dpkg does not know our packages'
	version=$(dpkg-query -W -f '${source:Upstream-Version}' sabus)
	for p in $OURS; do
		[ "$(dpkg-query -W -f '${db:Status-Status} ${source:Upstream-Version}' "$p")" = "installed $version" ] || fail "$p is not installed in version $version"
	done
	for program in sabusctl sabusd; do
		$program --version >/tmp/version || fail "$program does not run"
		says /tmp/version "${version%%-*}" "version of $program"
	done
	for_one_release strongswan-sabus strongswan-libcharon
	for_one_release xl2tpd-sabus xl2tpd
	for_one_release ppp-sabus ppp
	nothing_missing /usr/lib/pppd/2.5.*/sabus.so /usr/lib/pppd/2.5.*/sabus-radius.so /usr/lib/ipsec/plugins/libstrongswan-sabus.so \
		/usr/lib/xl2tpd/plugins/xl2tpd-sabus.so /usr/share/sabus/conf-templates/migrate /usr/share/man/man8/{sabusd,sabusctl,pppd-sabus,xl2tpd-sabus}.8.gz \
		/usr/share/man/man7/{sabus-log,sabus-radius}.7.gz /usr/share/doc/sabus/README.md.gz /etc/sabus/guard.batch
	for f in /usr/lib/pppd/2.5.*/sabus*.so /usr/lib/ipsec/plugins/libstrongswan-sabus.so /usr/sbin/sabus* /usr/sbin/xl2tpd; do
		! LD_LIBRARY_PATH=/usr/lib/ipsec ldd "$f" 2>&1 | grep 'not found' || fail "$f does not find its libraries"
	done
	dpkg --verify $OURS >/tmp/verify
	[ ! -s /tmp/verify ] || { cat /tmp/verify; fail 'files differ from what the packages have'; }
	nobody_runs
}

# Of us, and of what dpkg-divert moved, nothing: the user stays, as Debian's policy has it.
gone() {
	find / -xdev -iname '*sabus*' -not -path '/src/*' -not -path '/headers/*' >/tmp/left
	[ ! -s /tmp/left ] || { cat /tmp/left; fail 'purged packages have left files'; }
	! dpkg-divert --list | grep sabus || fail 'purged packages have left a diversion'
	dpkg --verify xl2tpd ppp strongswan-libcharon libstrongswan >/tmp/verify
	[ ! -s /tmp/verify ] || { cat /tmp/verify; fail "files of Debian's packages are not what they were"; }
}

debian() {
	cd /src || exit 1
	follow packager-debian-depends
	# a packager forgets one: it is named, and nothing is built
	dpkg --remove --force-depends uthash-dev
	must_fail packager-debian 'packages were built without uthash-dev'
	says /tmp/refused 'unmet build dependencies: uthash-dev$' 'what is missing is named'
	[ ! -e /tmp/debs ] || fail 'there are packages that were not built'
	apt-get install uthash-dev
	follow packager-debian
	follow packager-debian-install
	look
	apt-get remove $OURS
	[ ! -e /usr/sbin/xl2tpd.distrib ] && [ -e /etc/sabus/guard.batch ] || fail 'removed: configuration stays, the diversion does not'
	follow packager-debian-purge
	gone
	nobody_runs
}

by_hand() {
	cd /src || exit 1
	export MAKEFLAGS=-j$(nproc)
	follow packager-hand-depends
	follow packager-hand
	nothing_missing /tmp/pkg/usr/sbin/sabusd /tmp/pkg/usr/lib/pppd/2.5.*/sabus.so /tmp/pkg/usr/lib/pppd/2.5.*/sabus-radius.so \
		/tmp/pkg/usr/lib/ipsec/plugins/libstrongswan-sabus.so /tmp/pkg/usr/lib/xl2tpd/plugins/xl2tpd-sabus.so
	LD_LIBRARY_PATH=/tmp/pkg/usr/lib /tmp/pkg/usr/sbin/sabusctl --version || fail 'sabusctl does not run'
	follow packager-hand-xl2tpd
	grep -q /usr/lib/xl2tpd/plugins /usr/local/sbin/xl2tpd || fail 'this xl2tpd looks for its plugins elsewhere'
	# headers of another release: configure says so and builds nothing with them
	if ./configure --with-strongswan-headers=/headers >/tmp/refused 2>&1; then
		fail 'configure took the headers of another strongSwan'
	fi
	says /tmp/refused "$(cut -d' ' -f1 /headers/sabus-version).*$(cut -d' ' -f1 strongswan-headers/sabus-version)|$(cut -d' ' -f1 strongswan-headers/sabus-version).*$(cut -d' ' -f1 /headers/sabus-version)" \
		'both releases are named'
}
