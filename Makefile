# taildart.  `make help` explains the targets and the variables below.
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules
.DELETE_ON_ERROR:

BUILD    ?= build## folder that receives everything made
V        ?= 0## 1 prints whole commands instead of `CC file`
DEBUG    ?= 0## 1 compiles for a debugger, and fails on leaks
SANITIZE ?=## address, undefined or address,undefined
PREFIX   ?= /usr/local## where install puts things
LIBDIR   ?= $(PREFIX)/lib## where install puts the libraries
DESTDIR  ?=## folder in front of PREFIX, for packagers
CC       := mpicc## compiler, an MPI wrapper
CFLAGS   ?=## yours, behind our own; CPPFLAGS, LDFLAGS, LDLIBS, too
LDFLAGS  ?=
CPPFLAGS ?=
LDLIBS   ?=
DEBFULLNAME ?=## who builds packages; DEBEMAIL, too [git's user]
DEBEMAIL ?=
export FASHION_MNIST ?= /usr/share/datasets/fashion-mnist## IDX files of the demo

, := ,
one_of = $(if $(filter-out $(2),$($(1))),$(error $(1)=$($(1)) is not known; \
         accepted: $(2)))
$(call one_of,V,0 1)
$(call one_of,DEBUG,0 1)
$(call one_of,SANITIZE,address undefined address$(,)undefined)
Q := $(if $(filter 1,$(V)),,@)

# BUILD as make and a shell without quotes take it: lists of what is in it need no more,
# but functions of words must not look into them, and a recipe quotes '$@' and '$<'.
empty :=
B := $(subst $(empty) ,\ ,$(BUILD))

# pkg-config is asked once, when the first compiler line needs it: help, clean and deps
# work where nothing is installed yet.
once      = $(eval $(1) := $(2))$($(1))
HDF5      = $(call once,HDF5,$(shell pkg-config --exists hdf5-openmpi && \
            echo hdf5-openmpi || echo hdf5))
PACKAGES  = $(HDF5) openblas yaml-0.1 libxxhash zlib libjpeg libpng
PKG_FLAGS = $(call once,PKG_FLAGS,$(shell pkg-config --cflags $(PACKAGES)))
PKG_LIBS  = $(call once,PKG_LIBS,$(shell pkg-config --libs $(PACKAGES)))
CHECK     = $(call once,CHECK,$(shell pkg-config --cflags --libs check))

VERSION   = $(shell sed -n 's/^.define TD_VERSION "\(.*\)"/\1/p' include/taildart/store_version.h)
ABI       = $(shell sed -n 's/^.define TD_ABI \([0-9]*\)$$/\1/p' include/taildart/store_version.h)
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion \
            -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Werror=implicit-function-declaration
# clang warns of loops that OpenMP lets it vectorise and that it does not: a maximum of doubles.
CLANG_ONLY = $(call once,CLANG_ONLY,$(shell $(CC) --version | grep -q clang && \
             echo -Wno-pass-failed))
PREPROC   = -Iinclude -D_GNU_SOURCE $(PKG_FLAGS) \
            $(if $(filter 1,$(DEBUG))$(SANITIZE),-DTD_CHECKS_LEAKS) $(CPPFLAGS)
COMPILE   = -std=c11 -g $(if $(filter 1,$(DEBUG)),-Og,-O2) -fPIC -fvisibility=hidden -fopenmp $(WARN) $(CLANG_ONLY) \
            $(SANITIZE:%=-fsanitize=% -fno-sanitize-recover=all -fno-omit-frame-pointer) \
            $(CFLAGS)
LINK      = $(PKG_LIBS) -lm -lpthread $(LDLIBS)

# Vector kernels are compiled once per instruction set from the same sources: those of the
# processor that the compiler makes code for.
TARGET   := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null || uname -m)))
ISAS     := $(if $(filter x86_64,$(TARGET)),x86-64-v2 x86-64-v3 x86-64-v4) $(if $(filter aarch64,$(TARGET)),armv8-a)
KERNELS  := $(wildcard src/kernels/vector/*.c)
SOURCES  := $(filter-out $(KERNELS),$(sort $(wildcard src/*/*.c src/*/*/*.c)))
OBJECTS  := $(SOURCES:%.c=$(B)/%.o) \
            $(foreach isa,$(ISAS),$(KERNELS:%.c=$(B)/%.$(isa).o))
# The same numerics once more in double precision, on the plain kernels, for finite
# differences.
SOURCES64 := $(filter src/base/% src/config/% src/kernels/% src/objective/% src/optim/% \
             src/genotype/% src/layers/% src/cells/% src/net/% src/arch/% \
             src/choice/eigenvalue.c,$(SOURCES))
OBJECTS64 := $(SOURCES64:%.c=$(B)/f64/%.o)

.PHONY: all deps demo install uninstall dist recipes deb clean help FORCE
all: $(B)/taildart $(B)/libtaildart.so ## the program and both libraries (first goal)

deps: ## look for what is needed; install what is missing, or name it
	@.ci/deps all

# The second make starts once everything is installed, and only then asks pkg-config.
ALL_CORES = $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))
SECOND    = $(MAKE) --no-print-directory $(ALL_CORES)
demo: ## search Fashion-MNIST-LT on 2 ranks and show the cell found (5 minutes)
	@.ci/deps demo
	+@$(SECOND) all
	@BUILD='$(BUILD)' jobs/demo.sh

FOLDER = mkdir -p "$$(dirname '$@')"
$(B)/taildart: $(B)/src/main.o $(B)/libtaildart.a
	@echo "LD $@"
	$(Q)$(CC) $(COMPILE) $(LDFLAGS) -o '$@' $(B)/src/main.o $(B)/libtaildart.a $(LINK)

$(B)/libtaildart.a: $(OBJECTS)
$(B)/libtaildart.a: private MEMBERS = $(OBJECTS)
$(B)/libtaildart64.a: $(OBJECTS64)
$(B)/libtaildart64.a: private MEMBERS = $(OBJECTS64)
$(B)/%.a:
	@echo "AR $@"
	$(Q)rm -f '$@' && ar rcs '$@' $(MEMBERS)

$(B)/libtaildart.so: $(OBJECTS)
	@echo "LD $@"
	$(Q)$(CC) $(COMPILE) $(LDFLAGS) -shared -Wl,-soname,libtaildart.so.$(ABI) -o '$@' $(OBJECTS) $(LINK)

# The name of the target is given: SimGrid's compiler makes another of it.
$(B)/%.o: %.c $(B)/flags
	@$(FOLDER)
	@echo "CC $<"
	$(Q)$(CC) $(PREPROC) $(COMPILE) -MMD -MP -MT'$@' -c -o '$@' $<

$(B)/f64/%.o: %.c $(B)/flags
	@$(FOLDER)
	@echo "CC $< (double)"
	$(Q)$(CC) $(PREPROC) -DTD_REAL_DOUBLE $(COMPILE) -MMD -MP -MT'$@' -c -o '$@' $<

# Loops that straddle one line more of the instruction cache lose 5 %.  gcc alone takes
# minutes and words for debugging them; what a sanitizer adds takes minutes to optimise.
GCC_ONLY  = $(call once,GCC_ONLY,$(shell $(CC) --version | grep -q clang || \
            echo -fno-var-tracking-assignments -Wno-psabi))
ISA_FLAGS = $(if $(SANITIZE),-O1,-O3) -falign-loops=64 -ffp-contract=fast $(GCC_ONLY) -march=$(1) \
            -DTD_ISA_TAG=$(subst -,_,$(1)) -DTD_ISA_NAME='"$(1)"'
define kernel_rule
$(B)/%.$(1).o: %.c $(B)/flags
	@$$(FOLDER)
	@echo "CC $$< ($(1))"
	$$(Q)$$(CC) $$(PREPROC) $$(COMPILE) $$(call ISA_FLAGS,$(1)) -MMD -MP -MT'$$@' -c -o '$$@' $$<
endef
$(foreach isa,$(ISAS),$(eval $(call kernel_rule,$(isa))))
# The specification is as fast as the compiler makes it without its author's help.
$(B)/src/kernels/plain/%.o: private COMPILE += -O3

quoted = '$(subst ','\'',$(1))'
update = text=$$($(1)); echo "$$text" | cmp -s - '$@' || echo "$$text" >'$@'
# Objects are made anew when flags or compiler change; version.o when the commit does.
$(B)/flags: FORCE
	@command -v $(CC) >/dev/null && pkg-config --exists --print-errors $(PACKAGES) || \
	  { echo "compiler or libraries are missing: try \`make deps\`" >&2; exit 1; }
	@$(FOLDER)
	@$(call update,$(CC) --version | head -n 1; \
	  echo $(call quoted,$(CC) $(PREPROC) $(COMPILE) $(call ISA_FLAGS,*)))
$(B)/commit: FORCE
	@$(FOLDER)
	@$(call update,git ls-files --error-unmatch Makefile >/dev/null 2>&1 && \
	  git describe --always --dirty --exclude='*' || echo unknown)
$(B)/src/store/version.o: $(B)/commit
$(B)/src/store/version.o: private PREPROC += -DTD_COMMIT="\"$$(cat $(B)/commit)\""

include tests/tests.mk

# Folders as a shell takes them in double quotes; what sed would take for its own is not.
TO    := $(DESTDIR)$(PREFIX)
LIB   := $(DESTDIR)$(LIBDIR)
SHARE := $(TO)/share/taildart
DOC   := $(TO)/share/doc/taildart
MAN   := $(TO)/share/man
BASH_FILES := $(TO)/share/bash-completion/completions
ZSH_FILES  := $(TO)/share/zsh/site-functions
MODULES    := $(SHARE)/modulefiles/taildart
plain = $(subst |,\|,$(subst &,\&,$(1)))
FILL  = sed -e 's|@PREFIX@|$(call plain,$(PREFIX))|; s|@LIBDIR@|$(call plain,$(LIBDIR))|' \
  -e 's|@VERSION@|$(VERSION)|; s|@PACKAGES@|$(PACKAGES)|'
# What people are told to type names files of the clone: here those that are installed.
MOVED = sed -i -e 's|build/taildart|taildart|g; s|jobs/python/|$(call plain,$(PREFIX))/share/taildart/python/|g' \
  -e 's,\(^\|[ `]\)\(jobs/\(README\|configs\|slurm\|scaling\)\|mpi_configs/\),\1$(call commas,$(PREFIX))/share/taildart/\2,g'
commas = $(subst $(,),\$(,),$(subst &,\&,$(1)))
install: all ## put program, libraries, headers, manual pages and examples under PREFIX
	install -d "$(TO)/bin" "$(TO)/include/taildart" "$(LIB)/pkgconfig" "$(SHARE)/jobs" \
	  "$(SHARE)/python" "$(DOC)/data" "$(MODULES)"
	install -m 755 $(B)/taildart "$(TO)/bin"
	install -m 644 $(B)/libtaildart.a "$(LIB)"
	install -m 755 $(B)/libtaildart.so "$(LIB)/libtaildart.so.$(ABI)"
	ln -sf libtaildart.so.$(ABI) "$(LIB)/libtaildart.so"
	install -m 644 include/taildart/*.h "$(TO)/include/taildart"
	install -m 644 jobs/python/taildart_run.py "$(SHARE)/python"
	cp -R mpi_configs "$(SHARE)"
	cp -R jobs/README.md jobs/scaling-study.sh jobs/configs jobs/slurm "$(SHARE)/jobs"
	install -m 644 README.md LICENSE "$(DOC)"
	install -m 644 data/README.md "$(DOC)/data"
	find "$(SHARE)/jobs" "$(SHARE)/mpi_configs" "$(DOC)" -type f -exec $(MOVED) '{}' +
	$(FILL) -e 's|^libdir=$(call plain,$(PREFIX))/|libdir=$${prefix}/|' \
	  src/taildart.pc.in >"$(LIB)/pkgconfig/taildart.pc"
	$(FILL) jobs/packaging/modulefiles/taildart.lua.in >"$(MODULES)/$(VERSION).lua"
	$(FILL) jobs/packaging/modulefiles/taildart.tcl.in >"$(MODULES)/$(VERSION)"
	install -d "$(MAN)/man1" "$(MAN)/man5" "$(BASH_FILES)" "$(ZSH_FILES)"
	for page in $$($(B)/taildart help man); do file="$(MAN)/man$${page##*.}/$$page"; \
	  $(B)/taildart help man "$$page" >"$$file" && chmod 644 "$$file" || exit 1; done
	$(B)/taildart help completion bash >"$(BASH_FILES)/taildart"
	$(B)/taildart help completion zsh >"$(ZSH_FILES)/_taildart"
	chmod 644 "$(BASH_FILES)/taildart" "$(ZSH_FILES)/_taildart"

uninstall: ## remove what install put there
	rm -f "$(TO)/bin/taildart" "$(LIB)/libtaildart.a" "$(LIB)/libtaildart.so" "$(LIB)"/libtaildart.so.[0-9]* \
	  "$(LIB)/pkgconfig/taildart.pc" "$(MAN)/man1/taildart.1" "$(MAN)/man1"/taildart-*.1 \
	  "$(MAN)/man5/taildart-keys.5" "$(BASH_FILES)/taildart" "$(ZSH_FILES)/_taildart"
	rm -rf "$(TO)/include/taildart" "$(SHARE)" "$(DOC)"

# Recipes of packages say the version where they have to: filled in, they stand in BUILD.
TARBALL  = $(B)/taildart-$(VERSION).tar.gz
FILL_ALL = $(FILL) -e 's|@ABI@|$(ABI)|; s|@PACKAGER@|$(call plain,$(PACKAGER))|' \
  -e "s|@DATE@|$$(date -u -R -d $(VERSION_DATE))|"
VERSION_DATE = $(shell sed -n 's/^.define TD_VERSION_DATE "\([0-9-]*\)".*/\1/p' include/taildart/store_version.h)
PACKAGER = $(or $(DEBFULLNAME),$(shell git config user.name),$(shell id -un)) <$(or $(DEBEMAIL),$(shell git config user.email),$(shell id -un)@$(shell hostname -f))>
dist: ## the sources as BUILD/taildart-VERSION.tar.gz
	@git ls-files --error-unmatch Makefile >/dev/null 2>&1 || { echo "make dist: this is no clone: git lists the files" >&2; exit 1; }
	@mkdir -p $(B)
	git ls-files -z | tar -czf $(TARBALL) --null -T - --owner=0 --group=0 --transform='s|^|taildart-$(VERSION)/|'

recipes: dist ## fill in the recipes of jobs/packaging: BUILD/packaging
	rm -rf $(B)/packaging && mkdir -p $(B)/packaging
	tar -xzf $(TARBALL) -C $(B)/packaging --strip-components=3 taildart-$(VERSION)/jobs/packaging
	cd $(B)/packaging && find . -name '*.in' | while read -r file; do \
	  $(FILL_ALL) "$$file" >"$${file%.in}" && rm "$$file" || exit 1; done
	cd $(B)/packaging && mv debian/libtaildart.install debian/libtaildart$(ABI).install && \
	  mv easybuild/taildart.eb easybuild/taildart-$(VERSION)-foss-2023b.eb

deb: recipes ## Debian packages: BUILD/deb (dpkg-buildpackage, debhelper)
	@command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null || \
	  { echo "make deb: dpkg-dev and debhelper are missing: .ci/deps packages" >&2; exit 1; }
	rm -rf $(B)/deb && mkdir -p $(B)/deb
	tar -xzf $(TARBALL) -C $(B)/deb
	cp -R $(B)/packaging/debian $(B)/deb/taildart-$(VERSION)
	cd $(B)/deb/taildart-$(VERSION) && env -u MAKEFLAGS -u BUILD -u CFLAGS dpkg-buildpackage -b -us -uc -j$$(nproc)

clean: ## remove BUILD; runs/ stays
	rm -rf '$(BUILD)'

HELP := Makefile tests/tests.mk tests/fuzz/fuzz.mk
help: ## this text
	@echo "make [TARGET] [VARIABLE=VALUE]"
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' $(HELP) | expand -t 20
	@sed -n 's/^\(export \)\{0,1\}\([A-Z_]*\) *[?:]= *\(.*\)## \(.*\)/  \2\t\4 [\3]/p' \
	  $(HELP) | sed 's/ \[]$$//' | expand -t 20

-include $(OBJECTS:.o=.d) $(OBJECTS64:.o=.d) $(B)/src/main.d
