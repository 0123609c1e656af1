#!/bin/sh
# compile.sh BUILDER SKETCH JOBS LAUNCHER SKETCH_MK LIBRARY
#
# One sketch from .ino to build/hex/NAME.hex.
set -eu

builder=$1
sketch=$2
jobs=$3
launcher=$4
sketch_mk=$5
library=$6

if [ "$builder" = avr-gcc ]; then
    core=/usr/share/arduino/hardware/arduino/avr
    exec make -f "$sketch_mk" "-j$jobs" "SKETCH=$sketch" "CORE=$core" "LIBRARIES=$PWD $core/libraries" "LAUNCHER=$launcher" "LIBRARY=$library"
fi

# A copy, because fbuild passes over a linked sketch; with its times, because a checkout has only one.
rm -rf uno/src
mkdir -p uno/src build/hex
cp -Rp "${sketch%/*}/." uno/src/
# For units.sh: an object that is not newer than this was reused. The sketch's own are of another sketch.
: >"$TMPDIR/before"
status=0
fbuild build uno -e uno -j "$jobs" --no-timestamp >"$TMPDIR/fbuild.out" 2>&1 || status=$?
cat "$TMPDIR/fbuild.out"
find uno/.fbuild/build -name src -prune -o -name '*.o' ! -newer "$TMPDIR/before" -print | wc -l >>"$TMPDIR/objects-reused"
if [ "$status" != 0 ]; then
    # The compiler's own words, which fbuild prints among its output.
    grep -m 1 -E ':[0-9]+:[0-9]+: (fatal )?error:' "$TMPDIR/fbuild.out" >&2 || tail -n 1 "$TMPDIR/fbuild.out" >&2
    exit "$status"
fi
name=${sketch##*/}
find uno/.fbuild/build -name firmware.hex -exec cp {} "build/hex/${name%.ino}.hex" \;
