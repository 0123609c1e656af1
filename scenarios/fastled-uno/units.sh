#!/bin/sh
# units.sh
#
# What became of this sample's translation units: `objects`, reused as they lay in .fbuild; `hits` and `misses` of the
# embedded zccache. What is not there to be read is an error, not zero.
set -eu

objects=$TMPDIR/objects-reused
begin=$TMPDIR/journal-begin
journal=
for journal in "$FBUILD_ZCCACHE_ROOT"/v*/logs/compile_journal.jsonl; do :; done
for file in "$objects" "$begin" "$journal"; do
    [ -f "$file" ] || {
        echo "error: \`$file\` is not there" >&2
        exit 1
    }
done
awk '{ total += $1 } END { printf "objects %d\n", total }' "$objects"
awk -v begin="$(cat "$begin")" '
    NR > begin && /"outcome":"hit"/ { hits++ }
    NR > begin && /"outcome":"miss"/ { misses++ }
    END { printf "hits %d\nmisses %d\n", hits, misses }' "$journal"
