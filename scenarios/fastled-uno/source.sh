#!/bin/sh
# source.sh BUILDER TOOLCHAIN IMAGE PACKAGES
#
# What a checkout needs before it can be built. avr-gcc: nothing. fbuild: a project in uno/ whose library FastLED is
# the checkout itself (by links: copies would be sources of their own); and with the system's tool chain, the packages
# of the runner's image at the place where fbuild looks for downloaded ones.
set -eu

builder=$1
toolchain=$2
image=$3
packages=$4

[ "$builder" = fbuild ] || exit 0

mkdir -p uno/src uno/lib/FastLED
ln -sfn ../../../src uno/lib/FastLED/src
ln -sfn ../../../library.properties uno/lib/FastLED/library.properties
# The core's WString.cpp asks avr-libc's float.h for a macro that it lacks.
cat >uno/platformio.ini <<'EOF'
[env:uno]
platform = atmelavr
board = uno
framework = arduino
build_flags = -DDECIMAL_DIG=__DECIMAL_DIG__
EOF

if [ "$toolchain" = system ]; then
    mkdir -p "$packages"
    ln -sfn "$image/toolchains" "$packages/toolchains"
    ln -sfn "$image/platforms" "$packages/platforms"
fi
