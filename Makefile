# taildart: `make help` explains the targets.
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules
BUILD    ?= build
CC       := mpicc
DEBUG    ?= 0
SANITIZE ?=
V        ?= 0
Q        := $(if $(filter 1,$(V)),,@)

PACKAGES := $(shell pkg-config --exists hdf5-openmpi 2>/dev/null && echo hdf5-openmpi || echo hdf5) \
            openblas yaml-0.1 libxxhash zlib libjpeg libpng
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Werror=implicit-function-declaration
CPPFLAGS += -Iinclude -D_GNU_SOURCE $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CFLAGS   += -std=c11 -g -O2 -fPIC -fopenmp $(WARN)
LDLIBS   += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm -lpthread
ifneq ($(SANITIZE),)
CFLAGS   += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer
endif

# Kernels are compiled once per instruction set from the same sources.
ISAS     := generic $(if $(filter x86_64,$(shell uname -m)),x86-64-v2 x86-64-v3 x86-64-v4)
KERNELS  := $(wildcard src/kernels/plain/*.c)
SOURCES  := $(filter-out src/main.c $(KERNELS),$(sort $(wildcard src/*/*.c)))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o) \
            $(foreach isa,$(ISAS),$(KERNELS:%.c=$(BUILD)/%.$(isa).o))
# The same numerics once more in double precision, for finite differences.
SOURCES64 := $(filter src/base/% src/config/% src/kernels/% src/net/% src/objective/% \
             src/optim/%,$(SOURCES))
OBJECTS64 := $(SOURCES64:%.c=$(BUILD)/f64/%.o) $(KERNELS:%.c=$(BUILD)/f64/%.generic.o)

UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
MPI      := $(patsubst tests/mpi/%.c,$(BUILD)/tests/mpi/%,$(wildcard tests/mpi/test_*.c))

.PHONY: all clean
all: $(BUILD)/taildart $(BUILD)/libtaildart.so

$(BUILD)/taildart: $(BUILD)/src/main.o $(BUILD)/libtaildart.a
	@echo "LD $@"
	$(Q)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libtaildart.a: $(OBJECTS)
	@echo "AR $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/libtaildart64.a: $(OBJECTS64)
	@echo "AR $@"
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/libtaildart.so: $(OBJECTS)
	@echo "LD $@"
	$(Q)$(CC) $(CFLAGS) -shared -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "CC $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/f64/%.o: %.c
	@mkdir -p $(@D)
	@echo "CC $< (double)"
	$(Q)$(CC) $(CPPFLAGS) -DTD_REAL_DOUBLE $(CFLAGS) -MMD -MP -c -o $@ $<

march = $(if $(filter-out generic,$(1)),-march=$(1))
define kernel_rule
$(BUILD)/%.$(1).o: %.c
	@mkdir -p $$(@D)
	@echo "CC $$< ($(1))"
	$$(Q)$$(CC) $$(CPPFLAGS) -DTD_ISA_TAG=$(subst -,_,$(1)) -DTD_ISA_NAME='"$(1)"' \
	  $$(CFLAGS) -O3 -Wno-psabi $$(call march,$(1)) -MMD -MP -c -o $$@ $$<
$(BUILD)/f64/%.$(1).o: %.c
	@mkdir -p $$(@D)
	@echo "CC $$< ($(1), double)"
	$$(Q)$$(CC) $$(CPPFLAGS) -DTD_REAL_DOUBLE -DTD_ISA_TAG=$(subst -,_,$(1)) \
	  -DTD_ISA_NAME='"$(1)"' $$(CFLAGS) -O3 -Wno-psabi $$(call march,$(1)) -MMD -MP -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call kernel_rule,$(isa))))

$(BUILD)/tests/unit/%_f64: tests/unit/%_f64.c $(BUILD)/libtaildart64.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -DTD_REAL_DOUBLE -Itests $(CFLAGS) -MMD -MP -o $@ $< \
	  $(BUILD)/libtaildart64.a $$(pkg-config --cflags --libs check) $(LDLIBS)

$(BUILD)/tests/%: tests/%.c $(BUILD)/libtaildart.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP -o $@ $< $(BUILD)/libtaildart.a \
	  $$(pkg-config --cflags --libs check) $(LDLIBS)

CHECKER  := $(wildcard tests/checker/*.c)
$(BUILD)/tests/golden: $(CHECKER) $(BUILD)/libtaildart.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/checker $(CFLAGS) -o $@ $(CHECKER) $(BUILD)/libtaildart.a $(LDLIBS)

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
