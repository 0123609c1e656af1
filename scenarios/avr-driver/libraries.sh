#!/bin/sh
# libraries.sh SKETCH-DIR DIR...
#
# Prints NAME:DIRECTORY for every library that the sketch includes, directly or through another library;
# the directory holds its headers and sources. Each DIR is a library (it has src/ or library.properties) or a
# folder of libraries.
#
# Includes are read from the text: a header that only another platform includes counts too. That can compile
# a unit too many, never one too few, and costs no run of the preprocessor for each source. The loops start
# no process: this runs for every sketch, and is part of what a warm build waits for.
set -eu

sketch=$1
shift

# Directories of headers: src/ of the present layout, or the top of the old one.
tops=
for dir in "$@"; do
    if [ ! -d "$dir" ]; then
        echo "libraries.sh: \`$dir\` is not a directory" >&2
        exit 1
    elif [ -d "$dir/src" ]; then
        tops="$tops $dir/src"
    elif [ -f "$dir/library.properties" ]; then
        tops="$tops $dir"
    else
        for library in "$dir"/*/; do
            if [ -d "$library/src" ]; then
                tops="$tops ${library}src"
            elif [ -d "$library" ]; then
                tops="$tops ${library%/}"
            fi
        done
    fi
done

# Names of the headers that the sources beneath the given directories include.
includes() {
    find "$@" -type f \( -name '*.ino' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' -o -name '*.S' \) \
        -exec sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]\([^>"]*\)[>"].*/\1/p' {} + | sort -u
}

found=
new=$sketch
while [ -n "$new" ]; do
    # shellcheck disable=SC2086  # lists of paths without spaces: make has refused others
    wanted=$(includes $new)
    new=
    for header in $wanted; do
        for top in $tops; do
            if [ -f "$top/$header" ]; then
                case " $found " in
                *" $top "*) ;;
                *)
                    found="$found $top"
                    new="$new $top"
                    ;;
                esac
                break
            fi
        done
    done
done

# The workspace's own folder may have any name: the one in library.properties is the library's.
for top in $found; do
    library=${top%/src}
    name=${library##*/}
    if [ -f "$library/library.properties" ]; then
        while IFS='=' read -r key value; do
            if [ "$key" = name ]; then
                name=${value%"${value##*[A-Za-z0-9_.-]}"}
                break
            fi
        done <"$library/library.properties"
    fi
    case $name in
    '' | *[!A-Za-z0-9_.-]*) name=${library##*/} ;;
    esac
    echo "$name:$top"
done
