#!/bin/sh
# slower.sh PERCENT COMMAND...: runs the command, then waits for that share of the time that it took. A slowdown
# of known size, to see that a comparison finds it. Needs GNU date (%N) unless PERCENT is 0.
percent=$1
shift
if [ "$percent" = 0 ]; then exec "$@"; fi
start=$(date +%s%N)
"$@"
code=$?
end=$(date +%s%N)
sleep "$(awk -v ns=$((end - start)) -v percent="$percent" 'BEGIN { printf "%.6f", ns * percent / 1e11 }')"
exit "$code"
