#!/bin/sh
# tools.sh BUILDER TOOLCHAIN
#
# Gets the compiler: with avr-gcc it is there; fbuild downloads it, or finds the system's. Then starts fbuild's daemon,
# if it is not alive: a daemon that fbuild starts itself gets HOME from the user database and writes into the real one.
set -eu

builder=$1
toolchain=$2

if [ "$builder" = avr-gcc ]; then
    exec avr-g++ --version
fi

if [ "$toolchain" = download ]; then
    fbuild install uno -e uno || {
        echo "error: fbuild could not download its tool chain, see tools.out (hint: toolchain=system needs no network)" >&2
        exit 1
    }
elif ! fbuild install uno -e uno --check; then
    echo "error: this fbuild ($(fbuild --version)) wants other packages than toolchain.sh makes of the system's (hint: use fbuild 2.5.47, or toolchain=download)" >&2
    exit 1
fi

# For units.sh: the journal travels with the store.
cat "$FBUILD_ZCCACHE_ROOT"/v*/logs/compile_journal.jsonl 2>/dev/null | wc -l >"$TMPDIR/journal-begin"

alive() { fbuild daemon status 2>/dev/null | grep -q 'daemon is running'; }

alive && exit 0
# Its parent waits for it: `fbuild daemon stop` takes a process that has ended and is not yet waited for as alive, and
# tries to kill it for 20 s. The `:` keeps the shell from becoming the daemon.
setsid sh -c 'fbuild-daemon --spawner-cwd "$PWD"; :' >"$TMPDIR/fbuild-daemon.log" 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    alive && exit 0
    sleep 0.5
done
echo "error: fbuild's daemon did not answer at port $FBUILD_DAEMON_PORT within 10 s: $(tail -n 1 "$TMPDIR/fbuild-daemon.log")" >&2
exit 1
