# Work that all examples share: done once, and kept.
[ -e "$INDEX/ready" ] && exit 0
n=0
while [ "$n" -lt 20000 ]; do n=$((n + 1)); done
mkdir -p "$INDEX"
echo "$n" >"$INDEX/ready"
