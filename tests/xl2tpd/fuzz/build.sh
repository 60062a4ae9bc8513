#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the fuzz targets from a PATCHED xl2tpd source tree.
#
#   XL2TPD_SRC=/tree [CLANG=clang] [OBJCOPY=llvm-objcopy] [NM=nm] [OBJDUMP=objdump] build.sh OUTDIR
#
# makes OUTDIR/fuzz_session and OUTDIR/fuzz_config.  The daemon's sources are
# compiled as they are; then every call of theirs to the kernel, the clock, the
# allocator, files and processes is renamed to the harness's world_*.  A call
# that is neither in calls.txt nor in pure.txt fails the build: nobody has
# thought about what it may do to the machine that fuzzes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: XL2TPD_SRC=/tree build.sh OUTDIR}
src=${XL2TPD_SRC:?XL2TPD_SRC: the patched xl2tpd source tree}
clang=${CLANG:-clang}
objcopy=${OBJCOPY:-objcopy}
nm=${NM:-nm}
objdump=${OBJDUMP:-objdump}
# A handler without prototype is no fault: 1.3.18 has one.
san="-fsanitize=address,undefined -fno-sanitize=function -fno-sanitize-recover=undefined"
flags="-g -O2 -fno-pie -fno-pic -fno-common -fno-omit-frame-pointer"
# The quotes are for the compiler.
# shellcheck disable=SC2089
features="-DLINUX -DUSE_KERNEL -DIP_ALLOCATION -DSANITY -DDEBUG_PPPD -DTRUST_PPPD_TO_DIE -DXL2TPD_PLUGINDIR=\"/fuzz\""
mkdir -p "$out/daemon" "$out/harness"

# Without .bss all of the daemon's variables are in .data, which run.c puts back.
objs=
for c in "$src"/*.c; do
	o=$out/daemon/$(basename "$c" .c).o
	case $c in */xl2tpd-control.c) continue ;; esac
	# shellcheck disable=SC2086,SC2090
	$clang $flags $san -fsanitize=fuzzer-no-link -fno-zero-initialized-in-bss -w $features -I"$src" -c "$c" -o "$o"
	objs="$objs $o"
done

# shellcheck disable=SC2086,SC2090
$nm -u $objs | awk '$1 == "U" { print $2 }' | sort -u >"$out/wanted"
# shellcheck disable=SC2086,SC2090
$nm --defined-only $objs | awk 'NF == 3 { print $3 }' | sort -u >"$out/defined"
grep -v '^#' "$here/calls.txt" | awk '{ print $1 }' >"$out/known"
grep -v '^#' "$here/pure.txt" >>"$out/known"
sort -u -o "$out/known" "$out/known"
unknown=$(comm -23 "$out/wanted" "$out/defined" | comm -23 - "$out/known" | grep -Ev '^__(asan|msan|ubsan|sanitizer|sancov|start|stop)_' || :)
if [ -n "$unknown" ]; then
	echo "build.sh: xl2tpd in $src calls what the harness does not know (see calls.txt, pure.txt): $unknown" >&2
	exit 1
fi
grep -v '^#' "$here/calls.txt" >"$out/rename"
for o in $objs; do
	sections=$($objdump -h "$o" | awk '$2 ~ /^\.data/ { printf " --rename-section %s=xl2tpd_data", $2 } $2 ~ /^\.bss/ && $3 !~ /^0+$/ { print "bss" >"/dev/stderr" }')
	# shellcheck disable=SC2086,SC2090
	$objcopy --redefine-syms="$out/rename" $sections "$o"
done

harness=
for c in world calls noise allocs run check peer plugin script; do
	# shellcheck disable=SC2086,SC2090
	$clang $flags $san -std=gnu11 -Wall -Wextra -Wshadow -Wconversion -Werror $features -isystem "$src" -c "$here/$c.c" -o "$out/harness/$c.o"
	harness="$harness $out/harness/$c.o"
done
for t in "target mutate:fuzz_session" target_config:fuzz_config; do
	c=
	for f in ${t%:*}; do c="$c $here/$f.c"; done
	# shellcheck disable=SC2086,SC2090
	$clang $flags $san -fsanitize=fuzzer -no-pie -std=gnu11 -Wall -Wextra -Wshadow -Wconversion -Werror $features -isystem "$src" $c $harness $objs -o "$out/${t#*:}"
done
