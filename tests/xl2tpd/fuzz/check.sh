#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Replays the seed corpus against a PATCHED xl2tpd, and fuzzes it if asked to.
#
#   XL2TPD_SRC=/tree [FUZZ_OUT=DIR] check.sh [SECONDS]
#
# Exit status 77 (skipped, for make check) without XL2TPD_SRC or clang.  What
# the fuzzer finds stays in FUZZ_OUT, and is nothing to be published: see
# README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
seconds=${1:-0}
if [ -z "${XL2TPD_SRC:-}" ] || ! command -v "${CLANG:-clang}" >/dev/null; then
	echo "check.sh: skipped, needs XL2TPD_SRC (a patched xl2tpd source tree) and clang"
	exit 77
fi
if [ -n "${FUZZ_OUT:-}" ]; then
	out=$FUZZ_OUT
	mkdir -p "$out"
else
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
fi
sh "$here/build.sh" "$out"
python3 "$here/corpus.py" "$out/corpus"
for t in session config; do
	"$out/fuzz_$t" -timeout=20 "$out/corpus/$t"/* >"$out/$t.log" 2>&1 || {
		tail -40 "$out/$t.log"
		exit 1
	}
	echo "check.sh: $t: $(grep -c '^Executed' "$out/$t.log") seeds"
	[ "$seconds" -gt 0 ] || continue
	mkdir -p "$out/found/$t" "$out/work/$t"
	"$out/fuzz_$t" -timeout=20 -max_len=6000 -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$out/found/$t/" "$out/work/$t" "$out/corpus/$t" \
		>"$out/$t.log" 2>&1 || {
		tail -40 "$out/$t.log"
		exit 1
	}
	grep 'number_of_executed_units' "$out/$t.log" | sed "s/^/check.sh: $t: /"
done
