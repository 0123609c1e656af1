# Turns one Arduino sketch into a hex file for the Arduino Uno:
#
#   make -f .../sketch.mk SKETCH=examples/Blink/Blink.ino CORE=/path/to/hardware/arduino/avr [LIBRARIES="DIR..."]
#        [LAUNCHER=ccache] [BUILD=build] [LIBRARY=per-sketch|once] [-jN]
#
# The recipes are those of the core's platform.txt without `-g` (debug information holds paths, which would
# make the bytes of an object depend on where it was built). What is built where:
#
#   $(BUILD)/core/     the core and the board's variant, once for all sketches, as core.a
#   $(BUILD)/NAME/     the sketch and the libraries that it includes, anew for each sketch, as Arduino's builder does
#   $(BUILD)/libraries/  with LIBRARY=once: each library, once for all sketches, as an archive
#   $(BUILD)/hex/      NAME.hex
#
# Every path on a compiler's command line is absolute, as Arduino's builder writes them: that is what makes a
# compiler cache miss on another runner. Only `#line` holds the sketch's path as it was given.

.DEFAULT_GOAL := hex
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

HERE := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
BUILD ?= build
LAUNCHER ?= none
LIBRARY ?= per-sketch
LIBRARIES ?= $(CORE)/libraries

# Limits and names of `uno` in boards.txt.
MCU := atmega328p
FLASH_BYTES := 32256
RAM_BYTES := 2048

# --- what was asked for, checked before anything is built

ifneq ($(words $(CURDIR) $(SKETCH) $(CORE)),3)
  ifeq ($(strip $(SKETCH)),)
    $(error SKETCH is not set, expected the path of an .ino file (hint: make -f sketch.mk SKETCH=examples/Blink/Blink.ino CORE=DIR))
  endif
  ifeq ($(strip $(CORE)),)
    $(error CORE is not set, expected a directory with cores/arduino (hint: Debian's package arduino-core-avr has it in /usr/share/arduino/hardware/arduino/avr))
  endif
  $(error a path with a space cannot be built by make: `$(CURDIR)`, `$(SKETCH)`, `$(CORE)`)
endif
ifneq ($(suffix $(SKETCH)),.ino)
  $(error SKETCH `$(SKETCH)` is no .ino file)
endif
ifeq ($(wildcard $(SKETCH)),)
  $(error sketch `$(SKETCH)` does not exist in `$(CURDIR)`)
endif
ifeq ($(wildcard $(CORE)/cores/arduino/Arduino.h),)
  $(error no Arduino core in `$(CORE)`, expected cores/arduino/Arduino.h (hint: install arduino-core-avr))
endif

NAME := $(basename $(notdir $(SKETCH)))
SKETCH_DIR := $(abspath $(dir $(SKETCH)))
CORE_DIR := $(abspath $(CORE))/cores/arduino
VARIANT_DIR := $(abspath $(CORE))/variants/standard
CORE_OUT := $(abspath $(BUILD))/core
OUT := $(abspath $(BUILD))/$(NAME)
HEX := $(abspath $(BUILD))/hex/$(NAME).hex

# One word a library: NAME:DIRECTORY of its headers and sources.
FOUND := $(shell sh $(HERE)/libraries.sh $(SKETCH_DIR) $(abspath $(LIBRARIES)))
ifneq ($(.SHELLSTATUS),0)
  $(error cannot find the libraries of `$(SKETCH)` in `$(LIBRARIES)`: see above)
endif

# --- recipes of platform.txt

LAUNCH := $(filter-out none,$(LAUNCHER))
CPU := -mmcu=$(MCU) -DF_CPU=16000000L -DARDUINO=10819 -DARDUINO_AVR_UNO -DARDUINO_ARCH_AVR
CC := $(LAUNCH) avr-gcc -c -Os -w -std=gnu11 -ffunction-sections -fdata-sections -MMD -flto -fno-fat-lto-objects $(CPU)
CXX := $(LAUNCH) avr-g++ -c -Os -w -std=gnu++11 -fpermissive -fno-exceptions -ffunction-sections -fdata-sections \
       -fno-threadsafe-statics -Wno-error=narrowing -MMD -flto $(CPU)
AS := $(LAUNCH) avr-gcc -c -x assembler-with-cpp -MMD -flto $(CPU)
LD := avr-gcc -w -Os -flto -fuse-linker-plugin -Wl,--gc-sections -mmcu=$(MCU)

CORE_INCLUDES := -I$(CORE_DIR) -I$(VARIANT_DIR)
INCLUDES := $(CORE_INCLUDES) $(foreach l,$(FOUND),-I$(word 2,$(subst :, ,$l)))
# avr-libc's float.h lacks the macro that the core's WString.cpp asks for.
CORE_ONLY := -DDECIMAL_DIG=__DECIMAL_DIG__

ifdef V
  say =
  Q :=
else
  say = @echo '$1 $2'
  Q := @
endif

# $(call unit,OBJECT,SOURCE,FLAGS): the rule for one translation unit, by the source's suffix.
define unit
$1: $2
	$(call say,compile,$2)
	$(Q)mkdir -p $$(@D)
	$(Q)$(if $(filter %.c,$2),$(CC),$(if $(filter %.S,$2),$(AS),$(CXX))) $3 $2 -o $$@
-include $(1:.o=.d)
endef

# --- the core, once

CORE_SOURCES := $(sort $(foreach s,c cpp S,$(wildcard $(CORE_DIR)/*.$s $(VARIANT_DIR)/*.$s)))
CORE_OBJECTS := $(foreach s,$(CORE_SOURCES),$(CORE_OUT)/$(notdir $s).o)
$(foreach s,$(CORE_SOURCES),$(eval $(call unit,$(CORE_OUT)/$(notdir $s).o,$s,$(CORE_ONLY) $(CORE_INCLUDES))))

$(CORE_OUT)/core.a: $(CORE_OBJECTS)
	$(call say,archive,core.a)
	$(Q)rm -f $@
	$(Q)avr-gcc-ar rcs $@ $(CORE_OBJECTS)

# --- the sketch and its libraries

OBJECTS := $(OUT)/$(NAME).ino.cpp.o
# Other .ino files of the folder are appended to the main one; its C and C++ files are units of their own.
INOS := $(SKETCH) $(filter-out $(SKETCH),$(sort $(wildcard $(dir $(SKETCH))*.ino)))
$(OUT)/$(NAME).ino.cpp: $(INOS) $(HERE)/prototypes.awk
	$(Q)mkdir -p $(@D)
	$(Q)awk -f $(HERE)/prototypes.awk $(INOS) >$@
$(eval $(call unit,$(OUT)/$(NAME).ino.cpp.o,$(OUT)/$(NAME).ino.cpp,-I$(SKETCH_DIR) $(INCLUDES)))

define extra
OBJECTS += $(OUT)/$(notdir $1).o
$(call unit,$(OUT)/$(notdir $1).o,$1,-I$(SKETCH_DIR) $(INCLUDES))
endef
$(foreach s,$(sort $(foreach x,c cpp S,$(wildcard $(SKETCH_DIR)/*.$x))),$(eval $(call extra,$s)))

# $(call library_unit,LIBRARY,SOURCE-DIRECTORY,SOURCE)
define library_unit
OBJECTS += $(OUT)/libraries/$1/$(patsubst $2/%,%,$3).o
$(call unit,$(OUT)/libraries/$1/$(patsubst $2/%,%,$3).o,$3,$(INCLUDES))
endef
# A library with src/ is compiled in depth, an old flat one at its top and in utility/.
sources = $(if $(filter %/src,$1),$(shell find $1 -name '*.c' -o -name '*.cpp' -o -name '*.S'),\
          $(foreach s,c cpp S,$(wildcard $1/*.$s $1/utility/*.$s)))
define library
$(foreach s,$(sort $(call sources,$2)),$(eval $(call library_unit,$1,$2,$s)))
endef

# --- the same, once for all sketches

ONCE := $(abspath $(BUILD))/libraries
# $(call needs,SOURCE-DIRECTORY): the include paths of a library: what it includes, whatever the sketch does.
needs = $(CORE_INCLUDES) -I$1 $(foreach l,$(shell sh $(HERE)/libraries.sh $1 $(abspath $(LIBRARIES))),-I$(word 2,$(subst :, ,$l)))
# $(call archive_unit,LIBRARY,SOURCE-DIRECTORY,SOURCE,FLAGS)
define archive_unit
OBJECTS_$1 += $(ONCE)/$1/$(patsubst $2/%,%,$3).o
$(call unit,$(ONCE)/$1/$(patsubst $2/%,%,$3).o,$3,$4)
endef
define archive
ARCHIVES += $(ONCE)/$1.a
$(ONCE)/$1.a: $$(OBJECTS_$1)
	$(call say,archive,$1.a)
	$(Q)rm -f $$@
	$(Q)avr-gcc-ar rcs $$@ $$(OBJECTS_$1)
endef
# $(call once,LIBRARY,SOURCE-DIRECTORY,FLAGS): a library without sources is only its headers.
define once
$(foreach s,$(sort $(call sources,$2)),$(eval $(call archive_unit,$1,$2,$s,$3)))
$(if $(OBJECTS_$1),$(eval $(call archive,$1)))
endef

ifeq ($(LIBRARY),once)
$(foreach l,$(FOUND),$(call once,$(word 1,$(subst :, ,$l)),$(word 2,$(subst :, ,$l)),$(call needs,$(word 2,$(subst :, ,$l)))))
else
$(foreach l,$(FOUND),$(call library,$(word 1,$(subst :, ,$l)),$(word 2,$(subst :, ,$l))))
endif

# --- link

$(OUT)/$(NAME).elf: $(OBJECTS) $(ARCHIVES) $(CORE_OUT)/core.a
	$(call say,link,$@)
	$(Q)$(LD) -o $@ $(OBJECTS) $(ARCHIVES) $(CORE_OUT)/core.a -lm

$(HEX): $(OUT)/$(NAME).elf
	$(Q)avr-size -A $< | awk -v name='$(NAME)' -v flash=$(FLASH_BYTES) -v ram=$(RAM_BYTES) -f $(HERE)/fits.awk
	$(Q)mkdir -p $(@D)
	$(Q)avr-objcopy -O ihex -R .eeprom $< $@

.PHONY: hex
hex: $(HEX)
