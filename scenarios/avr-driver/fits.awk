# Reads `avr-size -A`; fails, as Arduino's builder does, when the program does not fit on the board.
# Variables: name, flash and ram (bytes).

$1 == ".text" || $1 == ".data" || $1 == ".bootloader" { program += $2 }
$1 == ".data" || $1 == ".bss" || $1 == ".noinit" { data += $2 }

END {
    printf "%s: %d of %d bytes of flash, %d of %d bytes of RAM\n", name, program, flash, data, ram
    if (program > flash) printf "error: `%s` needs %d bytes of flash, the board has %d\n", name, program, flash > "/dev/stderr"
    if (data > ram) printf "error: `%s` needs %d bytes of RAM, the board has %d\n", name, data, ram > "/dev/stderr"
    exit program > flash || data > ram
}
