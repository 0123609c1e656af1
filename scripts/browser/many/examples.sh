# Prints as many names as asked for.
n=1
while [ "$n" -le "$1" ]; do
  echo "example-$n"
  n=$((n + 1))
done
