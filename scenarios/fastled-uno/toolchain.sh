#!/bin/sh
# toolchain.sh DIR
#
# Makes DIR hold what fbuild 2.5.47 would download for the Uno, from Debian's gcc-avr, avr-libc and
# arduino-core-avr: links to the compiler, which finds its libraries by itself, and a copy of the core. The names
# of the directories hold the versions that fbuild asks for, not those that are there.
set -eu

toolchain=$1/toolchains/arduino-tools/08e1a7271edb2765/7.3.0-atmel3.6.1-arduino7
platform=$1/platforms/dl-framework-arduino-avr-5.4.0/20ec168bc7e6eee3/5.4.0
core=/usr/share/arduino/hardware/arduino/avr

rm -rf "$1"
mkdir -p "$toolchain/bin" "$platform"
compiler=$(command -v avr-g++)
for tool in "${compiler%/*}"/avr-*; do
    ln -s "$tool" "$toolchain/bin/"
done
cp -R "$core/." "$platform/"
touch "$toolchain/.install_complete" "$platform/.install_complete"
