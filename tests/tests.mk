# The programs of the tests, and what runs them.
TESTS    := $(wildcard tests/unit/test_*.c tests/fuzz/fuzz_*.c tests/mpi/test_*.c)
UNIT     := $(patsubst %.c,$(B)/%,$(filter-out tests/mpi/%,$(TESTS)))
MPI      := $(patsubst %.c,$(B)/%,$(filter tests/mpi/%,$(TESTS)))
CHECKER  := $(wildcard tests/checker/*.c)
GOLDEN   := $(if $(CHECKER),$(B)/tests/golden)
LEAKY    := $(B)/tests/unit/leaky
TOOLS    := $(patsubst %.c,$(B)/%,$(wildcard tests/tools/*.c))
BENCHES := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
PROGRAMS := $(UNIT) $(MPI) $(LEAKY) $(TOOLS) $(BENCHES) $(GOLDEN)

.PHONY: test test-unit test-mpi test-e2e programs unit-programs
.PHONY: check-asan check-portability check-packages lint bench simulate simulated
test: ## all tests
test-unit: ## tests of modules, serial
test-mpi: ## tests on 1 to 4 ranks
test-e2e: ## tests of the program as its users run it
test test-unit test-mpi test-e2e:
	@.ci/deps test
	+@$(SECOND) all programs
	@BUILD='$(BUILD)' V=$(V) tests/run $(or $(patsubst test-%,%,$(filter test-%,$@)),unit mpi e2e)

programs: $(PROGRAMS)
	+@! command -v smpicc >/dev/null || $(SIMULATED)
unit-programs: $(UNIT) $(GOLDEN)

ASAN_E2E = 10-golden 20-data 40-search
check-asan: ## unit tests, golden vectors, a short search under address and undefined sanitizer
	@.ci/deps test
	+@$(SECOND) BUILD='$(BUILD)/asan' SANITIZE=address,undefined all unit-programs
	@export BUILD='$(BUILD)/asan' V=$(V) \
	  LSAN_OPTIONS=print_suppressions=0:suppressions='$(CURDIR)/tests/lsan.supp'; \
	  tests/run unit $(ASAN_E2E)

check-portability: ## build and test with clang, MPICH, without AVX, for aarch64
	@.ci/deps test
	@.ci/deps portability || true
	@BUILD='$(BUILD)' CC='$(CC)' tests/elsewhere

check-packages: ## build, read, install and run what jobs/packaging makes
	@.ci/deps packages || true
	+@$(SECOND) all
	@BUILD='$(BUILD)' tests/packages

lint: ## formatter, clang-tidy, cppcheck, shellcheck, floors, calls, banned words
	+@$(SECOND) all
	@BUILD='$(BUILD)' PREPROC='$(PREPROC)' tests/lint/run

bench: all $(BENCHES) $(B)/tests/tools/made_images ## time kernels, steps, and PyTorch where it is
	@BUILD='$(BUILD)' tests/bench/run

# Simulations need SimGrid's compiler; all else does without.
SIMULATED = $(SECOND) CC=smpicc HDF5=hdf5 BUILD='$(BUILD)/simulate' \
            CFLAGS=-fvisibility=default '$(BUILD)/simulate/modelled'
simulated:
	+@$(SIMULATED)
simulate: ## the program on 2 to 1024 simulated ranks: BUILD/simulate/scaling.csv
	@.ci/deps simulate || true
	+@if command -v smpicc >/dev/null; then \
	  $(SECOND) all && $(SIMULATED) && BUILD='$(BUILD)' tests/simulate/run; \
	else echo "skipped: SimGrid is not installed (libsimgrid-dev)"; fi

# What runs the tests of one process, and those on ranks: one main each.
MAINS = $(B)/tests/main.o $(B)/tests/main_ranks.o
$(MAINS): $(B)/tests/%.o: tests/%.c $(B)/flags
	@$(FOLDER)
	$(Q)$(CC) $(PREPROC) -Itests $(COMPILE) -MMD -MP -c -o '$@' $<

$(B)/tests/unit/%_f64: tests/unit/%_f64.c $(B)/tests/main.o $(B)/libtaildart64.a
	@$(FOLDER)
	@echo "CC $< (double)"
	$(Q)$(CC) $(PREPROC) -DTD_REAL_DOUBLE -Itests $(COMPILE) $(LDFLAGS) -MMD -MP -MF '$@.d' \
	  -o '$@' $< $(B)/tests/main.o $(B)/libtaildart64.a $(CHECK) $(LINK)

$(UNIT) $(LEAKY): main = $(B)/tests/main.o
$(MPI): main = $(B)/tests/main_ranks.o
# Between two steps: that is where this test's faults happen.
$(B)/tests/mpi/test_search_run: main += -Wl,--wrap=td_job_print_live -Wl,--wrap=fsync
$(UNIT) $(MPI) $(LEAKY): $(MAINS)
$(B)/tests/%: tests/%.c $(B)/libtaildart.a
	@$(FOLDER)
	@echo "CC $<"
	$(Q)$(CC) $(PREPROC) -Itests $(COMPILE) $(LDFLAGS) -MMD -MP -MF '$@.d' \
	  -o '$@' $< $(main) $(B)/libtaildart.a $(CHECK) $(LINK)

$(B)/tests/golden: $(CHECKER) $(wildcard tests/checker/*.h) $(B)/libtaildart.a
	@$(FOLDER)
	@echo "CC $@"
	$(Q)$(CC) $(PREPROC) -Itests/checker $(COMPILE) $(LDFLAGS) -o '$@' $(CHECKER) \
	  $(B)/libtaildart.a $(LINK)

# The program on simulated ranks: built by SimGrid's compiler in a folder of its own, with
# a model in the place of a network's passes (tests/simulate/README.md).  Its main is found
# by name, so nothing is hidden.
MODEL_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/simulate/*.c))
WRAPPED       := td_network_forward td_network_backward td_network_statistics \
                 td_sgd_step td_gemm_peak gethostname
$(MODEL_OBJECTS): $(B)/%.o: %.c $(B)/flags
	@$(FOLDER)
	@echo "CC $<"
	$(Q)$(CC) $(PREPROC) $(COMPILE) -MMD -MP -MT'$@' -c -o '$@' $<
$(B)/modelled: $(B)/src/main.o $(MODEL_OBJECTS) $(B)/libtaildart.a
	@echo "LD $@"
	$(Q)$(CC) $(COMPILE) $(LDFLAGS) -s $(WRAPPED:%=-Wl,--wrap=%) -o '$@' $(B)/src/main.o \
	  $(MODEL_OBJECTS) $(B)/libtaildart.a $(LINK)

include tests/fuzz/fuzz.mk
$(HARNESSES) $(TOOLS) $(BENCHES): main =

-include $(patsubst %.c,$(B)/%.d,$(TESTS) $(wildcard tests/bench/*.c)) $(MAINS:.o=.d) $(MODEL_OBJECTS:.o=.d)
