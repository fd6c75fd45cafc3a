# Harnesses: a program for each tests/fuzz/fuzz_*.c, with replay.c for `make test`, with
# libFuzzer (FUZZER=1, made by `make fuzz` in a folder of its own).
FUZZER       ?=
SECONDS_EACH ?= 60## seconds that `make fuzz` gives each reader
HARNESSES    := $(patsubst %.c,$(B)/%,$(filter tests/fuzz/%,$(TESTS)))
HARNESS      := $(patsubst %,$(B)/tests/fuzz/%.o,fuzz dataset settings $(if $(FUZZER),,replay))
COMPILE      += $(if $(FUZZER),-O1 -fsanitize=fuzzer-no-link -Wno-pass-failed)

$(HARNESS): $(B)/flags
$(B)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(HARNESS) $(B)/libtaildart.a
	@echo "CC $<"
	$(Q)$(CC) $(PREPROC) $(COMPILE) $(if $(FUZZER),-fsanitize=fuzzer) $(LDFLAGS) \
	  -MMD -MP -MF '$@.d' -o '$@' $< $(HARNESS) $(B)/libtaildart.a $(LINK)

.PHONY: harnesses fuzz
harnesses: $(HARNESSES)
fuzz: ## try to break every reader of files, SECONDS_EACH seconds each (clang)
	@.ci/deps fuzz
	+@OMPI_CC=clang MPICH_CC=clang $(SECOND) BUILD='$(BUILD)/fuzz' FUZZER=1 ISAS= \
	  SANITIZE=address,undefined harnesses
	@BUILD='$(BUILD)/fuzz' SECONDS_EACH=$(SECONDS_EACH) tests/fuzz/run

-include $(HARNESS:.o=.d)
