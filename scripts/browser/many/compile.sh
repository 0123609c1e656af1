# Makes out/EXAMPLE from the source, or takes it from the store.
example=$1
number=${example#example-}
key=$(cksum <source | tr ' ' -)-$example
[ $((number % 2)) -eq 0 ] || key=$key-$(pwd | cksum | tr ' ' -)
mkdir -p out "$STORE"
if [ -e "$STORE/$key" ]; then
  echo hit
else
  echo miss
  n=0
  while [ "$n" -lt $((1000 + number * 50)) ]; do n=$((n + 1)); done
  { cat source; echo "$number"; } >"$STORE/$key.new"
  mv "$STORE/$key.new" "$STORE/$key"
fi
cp "$STORE/$key" "out/$example"
