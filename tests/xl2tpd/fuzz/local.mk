# SPDX-License-Identifier: GPL-2.0-or-later
# make check XL2TPD_SRC=/path/to/a/patched/xl2tpd replays the corpus; without, it is skipped.
TESTS += tests/xl2tpd/fuzz/check.sh
EXTRA_DIST += \
	tests/xl2tpd/fuzz/README.md \
	tests/xl2tpd/fuzz/allocs.c \
	tests/xl2tpd/fuzz/build.sh \
	tests/xl2tpd/fuzz/calls.c \
	tests/xl2tpd/fuzz/calls.h \
	tests/xl2tpd/fuzz/calls.txt \
	tests/xl2tpd/fuzz/check.c \
	tests/xl2tpd/fuzz/check.sh \
	tests/xl2tpd/fuzz/corpus.py \
	tests/xl2tpd/fuzz/daemon.h \
	tests/xl2tpd/fuzz/mutate.c \
	tests/xl2tpd/fuzz/noise.c \
	tests/xl2tpd/fuzz/peer.c \
	tests/xl2tpd/fuzz/plugin.c \
	tests/xl2tpd/fuzz/pure.txt \
	tests/xl2tpd/fuzz/run.c \
	tests/xl2tpd/fuzz/script.c \
	tests/xl2tpd/fuzz/target.c \
	tests/xl2tpd/fuzz/target_config.c \
	tests/xl2tpd/fuzz/world.c \
	tests/xl2tpd/fuzz/world.h
