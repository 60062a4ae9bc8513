# SPDX-License-Identifier: GPL-2.0-or-later
include tests/bus/codec/local.mk
include tests/bus/fuzz/local.mk
include tests/bus/broker/local.mk
include tests/bus/ctl/local.mk

EXTRA_DIST += tests/bus/golden tests/bus/fuzz/corpus
