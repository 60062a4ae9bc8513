# SPDX-License-Identifier: GPL-2.0-or-later
include tests/common/local.mk
include tests/log/local.mk
include tests/bus/local.mk
include tests/strongswan/local.mk
include tests/xfrm/local.mk
include tests/pppd/local.mk
include tests/xl2tpd/local.mk
include tests/freeradius/local.mk
include tests/radius/local.mk
include tests/radius/dynauth/local.mk
include tests/migrate/local.mk
include tests/readme/local.mk
