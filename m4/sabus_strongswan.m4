# SPDX-License-Identifier: GPL-2.0-or-later
# SABUS_STRONGSWAN: finds the headers (--with-strongswan-headers, else pkg-config's strongswan-headers.pc, which integration/strongswan-headers
# makes too) and sets build_strongswan, why_strongswan, STRONGSWAN_CFLAGS, STRONGSWAN_VERSION.
#
# charon's plugin ABI has no version check of its own: a plugin built with the headers of another release, or with another
# mediation setting, lets a remote peer abort the daemon.  So the headers' version must be the installed charon's.
AC_DEFUN([SABUS_STRONGSWAN], [
	installed=$with_strongswan_version
	AS_IF([test -z "$installed"], [
		for charon in /usr/sbin/charon-systemd /usr/lib/ipsec/charon /usr/libexec/ipsec/charon /usr/libexec/strongswan/charon; do
			AS_IF([test -z "$installed" && test -r $charon], [
				installed=$(LC_ALL=C tr -c '[[:print:]]' '\n' < $charon | sed -n 's/.*(strongSwan \([[0-9.a-z]]*\),.*/\1/p' | head -n 1)
			])
		done
	])
	headers=
	AS_IF([test -z "$with_strongswan_headers"], [
		PKG_CHECK_EXISTS([strongswan-headers], [with_strongswan_headers=$($PKG_CONFIG --variable=headers strongswan-headers)])
	])
	AS_IF([test -n "$with_strongswan_headers"], [
		AS_IF([test -r "$with_strongswan_headers/sabus-config.h"], [
			headers=$(sed -n 's/^#define VERSION "\(.*\)"/\1/p' "$with_strongswan_headers/sabus-config.h")
			STRONGSWAN_CFLAGS="-include $with_strongswan_headers/sabus-config.h -isystem $with_strongswan_headers/src/libstrongswan -isystem $with_strongswan_headers/src/libcharon"
		], [AC_MSG_ERROR([--with-strongswan-headers=$with_strongswan_headers: no sabus-config.h there; make it with integration/strongswan-headers --output DIR])])
	])
	AC_MSG_CHECKING([for strongSwan])
	AS_IF([test -z "$headers"], [
		why_strongswan="no headers: run integration/strongswan-headers --output DIR and give --with-strongswan-headers=DIR"
	], [test -z "$installed"], [
		why_strongswan="charon is not installed; to build for another host give --with-strongswan-version=$headers"
	], [test "x$headers" != "x$installed"], [
		AC_MSG_RESULT([headers $headers, charon $installed])
		AC_MSG_ERROR([the headers in $with_strongswan_headers are of strongSwan $headers, but charon is $installed: a plugin of another version can abort charon. Make the right ones with integration/strongswan-headers, or give --with-strongswan-version=$headers when the plugin is for another host])
	], [
		build_strongswan=yes
		STRONGSWAN_VERSION=$headers
	])
	AS_IF([test "x$build_strongswan" = xyes], [AC_MSG_RESULT([$STRONGSWAN_VERSION])], [AC_MSG_RESULT([no ($why_strongswan)])])
])
