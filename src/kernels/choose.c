/* Choice of the instruction set: of all tables that were built the strongest that runs
 * here, or the user's. */
#include "taildart/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const td_kernels td_plain_kernels;

#if defined(__x86_64__) && !defined(TD_REAL_DOUBLE)
extern const td_kernels td_vector_kernels_x86_64_v2;
extern const td_kernels td_vector_kernels_x86_64_v3;
extern const td_kernels td_vector_kernels_x86_64_v4;

static const td_kernels *const tables[TD_ISA_COUNT] = {
    &td_plain_kernels,
    &td_vector_kernels_x86_64_v2,
    &td_vector_kernels_x86_64_v3,
    &td_vector_kernels_x86_64_v4,
};

/* Feature by feature: not every compiler knows the names of the levels.  What is not
 * asked for here came with its neighbours in every processor that was built. */
static bool cpu_has(td_isa isa)
{
    bool v2 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    bool v3 = v2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    bool v4 = v3 && __builtin_cpu_supports("avx512f") &&
              __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512cd") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    const bool has[TD_ISA_COUNT] = { true, v2, v3, v4 };
    return has[isa];
}

void td_kernels_flush_denormals(void)
{
    const unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | flush_to_zero |
                           denormals_are_zero);
}
#elif defined(__aarch64__) && !defined(TD_REAL_DOUBLE)
extern const td_kernels td_vector_kernels_armv8_a;

static const td_kernels *const tables[TD_ISA_COUNT] = {
    [TD_ISA_GENERIC] = &td_plain_kernels,
    [TD_ISA_ARMV8_A] = &td_vector_kernels_armv8_a,
};

static bool cpu_has(td_isa isa)
{
    (void) isa; /* whatever was built for it */
    return true;
}

void td_kernels_flush_denormals(void)
{
    const uint64_t flush_to_zero = UINT64_C(1) << 24; /* of the register FPCR */
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    __asm__ volatile("msr fpcr, %0" : : "r"(control | flush_to_zero));
}
#else
static const td_kernels *const tables[TD_ISA_COUNT] = { &td_plain_kernels };

static bool cpu_has(td_isa isa)
{
    return isa == TD_ISA_GENERIC;
}

void td_kernels_flush_denormals(void)
{
}
#endif

static const char *const names[TD_ISA_COUNT] = { "generic", "x86-64-v2", "x86-64-v3",
                                                 "x86-64-v4", "armv8-a" };

const char *td_isa_name(td_isa isa)
{
    TD_ASSERT((int) isa >= 0 && isa < TD_ISA_COUNT);
    return names[isa];
}

bool td_isa_runs(td_isa isa)
{
    TD_ASSERT((int) isa >= 0 && isa < TD_ISA_COUNT);
    return tables[isa] && cpu_has(isa);
}

td_isa td_isa_detect(void)
{
    td_isa best = TD_ISA_GENERIC;
    for (int i = 0; i < TD_ISA_COUNT; i++)
        if (td_isa_runs((td_isa) i))
            best = (td_isa) i;
    return best;
}

/* "generic, x86-64-v2, …": what a refused TAILDART_ISA could have been. */
static void list_names(char *out, size_t bytes)
{
    out[0] = '\0';
    for (int i = 0; i < TD_ISA_COUNT; i++)
        if (td_isa_runs((td_isa) i)) {
            size_t used = strlen(out);
            snprintf(out + used, bytes - used, "%s%s", used ? ", " : "", names[i]);
        }
}

td_status td_isa_select(td_isa *chosen, td_isa detected)
{
    char accepted[128];
    const char *wish = getenv("TAILDART_ISA");
    *chosen = detected;
    if (!wish || !*wish)
        return TD_OK;
    list_names(accepted, sizeof accepted);
    for (int i = 0; i < TD_ISA_COUNT; i++)
        if (strcmp(wish, names[i]) == 0) {
            if (!td_isa_runs((td_isa) i))
                return td_error(
                    TD_USAGE,
                    "TAILDART_ISA=%s does not run on this CPU; use one of: %s", wish,
                    accepted);
            *chosen = (td_isa) i;
            return TD_OK;
        }
    return td_error(TD_USAGE, "TAILDART_ISA=%s is unknown; use one of: %s", wish,
                    accepted);
}

const td_kernels *td_kernels_get(td_isa isa)
{
    TD_ASSERT((int) isa >= 0 && isa < TD_ISA_COUNT && tables[isa]);
    return tables[isa];
}
