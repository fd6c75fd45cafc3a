/* The golden checker: compares the library with vectors of the reference, file by file,
 * case by case.
 *
 * A case remembers its worst comparison and everything that was allocated for it.  Its
 * first problem (a missing dataset, another shape, an unknown name) fails it for good;
 * readers then return NULL or 0, so that a check can run on to its end without looking
 * at each result, as long as it follows no pointer of a case that has failed. */
#ifndef CHECKER_H
#define CHECKER_H

#include <hdf5.h>
#include <yaml.h>

#include "../some_arch.h"
#include "taildart/arch.h"
#include "taildart/comm.h"
#include "taildart/genotype.h"
#include "taildart/net.h"

/* ---- the run: verdict.c -------------------------------------------------- */

typedef struct {
    const td_kernels *kernels;
    td_comm *world; /* ranks that check together; NULL until a trajectory needs them */
    int passed, failed, skipped;
} golden_run;

typedef struct golden_block golden_block;

typedef struct {
    golden_run *run;
    char title[256]; /* file and case                                  */
    char worst[128]; /* dataset with the largest error/tolerance       */
    double error, tolerance;
    double share;         /* error/tolerance of the worst; -1: none so far  */
    char problem[512];    /* "" while all is well                           */
    golden_block *blocks; /* memory of the case                             */
} golden_case;

void golden_begin(golden_case *c, golden_run *run, const char *file, const char *name);

/* Print the verdict, count it, free what the case owns. */
void golden_end(golden_case *c);

/* The same for what a whole file must have: a line only if it has failed, or if the
 * file held no case. */
void golden_end_file(golden_case *c, int cases);

/* A line for what is known and not built yet. */
void golden_skip(golden_run *run, const char *file, const char *name, const char *why);

/* Fail the case; the first reason stays. */
void golden_fail(golden_case *c, const char *format, ...) TD_PRINTF(2, 3);

bool golden_has_failed(const golden_case *c);

/* Zeroed memory until the end of the case. */
void *golden_take(golden_case *c, size_t count, size_t size);
#define GOLDEN_TAKE(c, type, count) ((type *) golden_take(c, count, sizeof(type)))

/* One comparison: a NaN fails. */
void golden_compare(golden_case *c, const char *name, double error, double tolerance);

/* Largest |found − expected|; NaN if any is. */
double golden_distance(const td_real *found, const double *expected, size_t n);
double golden_distance_f64(const double *found, const double *expected, size_t n);

/* Largest |x|. */
double golden_largest(const double *x, size_t n);

/* Error relative to the largest expected number; absolute if all are 0. */
void golden_compare_array(golden_case *c, const char *name, const td_real *found,
                          const double *expected, size_t n, double tolerance);
void golden_compare_array_f64(golden_case *c, const char *name, const double *found,
                              const double *expected, size_t n, double tolerance);

/* The same against at least 1: running statistics (see the reference's scale_of). */
void golden_compare_statistics(golden_case *c, const char *name, const td_real *found,
                               const double *expected, size_t n, double tolerance);

/* ---- HDF5: vectors.c ----------------------------------------------------- */

enum { GOLDEN_MAX_RANK = 6 };

typedef struct {
    int rank;
    size_t dims[GOLDEN_MAX_RANK];
    size_t count;
} golden_shape;

/* Numbers against those of a dataset, which must be as many. */
void golden_compare_dataset(golden_case *c, hid_t group, const char *name,
                            const td_real *found, size_t count, double tolerance);

/* Call \a check for every group with datasets of its own, named by its path. */
void golden_visit(golden_run *run, const char *path, const char *file,
                  void (*check)(golden_case *c, hid_t group));

/* Numbers of a dataset for as long as the case lives; \a shape may be NULL. */
td_real *golden_read(golden_case *c, hid_t group, const char *name,
                     golden_shape *shape);
double *golden_read_f64(golden_case *c, hid_t group, const char *name,
                        golden_shape *shape);
int32_t *golden_read_i32(golden_case *c, hid_t group, const char *name,
                         golden_shape *shape);

/* Fixed-length texts of a dataset, each with its end. */
char **golden_read_texts(golden_case *c, hid_t group, const char *name, size_t *count);

/* Scalar attributes of a case. */
double golden_attribute(golden_case *c, hid_t group, const char *name);
int golden_attribute_int(golden_case *c, hid_t group, const char *name);
char *golden_attribute_text(golden_case *c, hid_t group, const char *name);

/* Numbers of an attribute of a dataset; NULL, and no failure, if it has none. */
double *golden_dataset_attribute(golden_case *c, hid_t group, const char *dataset,
                                 const char *name, size_t *count);

/* Datasets whose names begin with \a prefix; with a final slash, all of that group. */
int golden_count(golden_case *c, hid_t group, const char *prefix);

/* Fail unless the shape is the one given (\a dims ends at the first 0 or at four). */
void golden_expect_shape(golden_case *c, const char *name, const golden_shape *shape,
                         const int dims[4]);

/* ---- JSON, which is YAML: json.c ----------------------------------------- */

typedef struct {
    yaml_document_t document;
    bool is_loaded;
} golden_json;

/* The root; NULL and a failed case if the file is not readable. */
yaml_node_t *golden_json_load(golden_case *c, golden_json *json, const char *path);
void golden_json_clear(golden_json *json);

/* Value of a key of a map; the second form fails the case if there is none. */
yaml_node_t *golden_json_find(golden_json *json, yaml_node_t *map, const char *key);
yaml_node_t *golden_json_get(golden_case *c, golden_json *json, yaml_node_t *map,
                             const char *key);

/* Items of a list or pairs of a map, and the i-th of them; 0 of anything else. */
int golden_json_count(yaml_node_t *node);
yaml_node_t *golden_json_item(golden_json *json, yaml_node_t *node, int i);
const char *golden_json_key(golden_json *json, yaml_node_t *map, int i);

/* A map's text under a key, "" if it has none: for titles. */
const char *golden_json_word(golden_json *json, yaml_node_t *map, const char *key);

/* Scalars; 0 and "" of anything else, and a failed case. */
double golden_json_number(golden_case *c, yaml_node_t *node);
int64_t golden_json_integer(golden_case *c, yaml_node_t *node);
const char *golden_json_text(golden_case *c, yaml_node_t *node);

/* All numbers of a list of numbers or of lists, in order. */
double *golden_json_numbers(golden_case *c, golden_json *json, yaml_node_t *node,
                            size_t *count);

/* ---- weights and statistics by name: tensors.c --------------------------- */

/* Tensors by their names in slots and files: `slot_prefix`rest is `file_prefix`rest. */
typedef struct {
    const td_slots *slots;
    const char *slot_prefix, *file_prefix;
} golden_tensors;

/* Read weights into their slots; each slot must be in the file and the other way
 * round. */
void golden_read_tensors(golden_case *c, hid_t group, const golden_tensors *tensors,
                         td_real *values);

/* Compare gradients or weights, also where a file has only the leading rows.  With
 * \a start, errors are held against the largest change since then. */
void golden_compare_tensors(golden_case *c, hid_t group, const golden_tensors *tensors,
                            const td_real *found, const td_real *start,
                            double tolerance);

/* Running statistics after one pass from 0 and 1, with momentum 0.1. */
void golden_update_statistics(td_real *mean, td_real *var, const td_slots *norms);

/* Compare them with `buf:` datasets, and with the packed `buffers/`. */
void golden_compare_norms(golden_case *c, hid_t group, const golden_tensors *norms,
                          const td_real *mean, const td_real *var, double tolerance);
void golden_compare_buffers(golden_case *c, hid_t group, const td_slots *norms,
                            const td_real *mean, const td_real *var, double tolerance);

/* ---- inputs of networks: inputs.c ---------------------------------------- */

/* Sizes of a network from the attributes of its case; one that is not built fails. */
td_net_spec golden_net_spec(golden_case *c, hid_t group, bool two_branch);

/* The stem whose last layer has so many times the channels of the first cells. */
td_stem_kind golden_stem(int multiplier);

/* Images [lead…,N,C,H,W] of a dataset as (lead…, N, H, W, C), of the right number. */
td_real *golden_read_images(golden_case *c, hid_t group, const char *name,
                            const td_net_spec *spec, int lead);

/* Labels [lead…,N], each a class. */
int32_t *golden_read_labels(golden_case *c, hid_t group, const char *name,
                            const td_net_spec *spec, int lead);

/* Both tables of architecture parameters, (2, edges, 8). */
td_real *golden_read_alphas(golden_case *c, hid_t group, const td_net_spec *spec);

/* ---- a network and a batch: network.c ------------------------------------ */

/* Memory belongs to the case, the network to golden_network_end. */
typedef struct {
    td_net_spec spec; /* of the caller */
    td_network *net;
    const td_slots *weights, *norms;
    td_real *values; /* of the weights */
    td_real *mean, *var;
    td_real *images; /* (N, H, W, C) */
    int32_t *labels;
    size_t logit_count; /* (N, classes) */
} golden_network;

/* The network of \a n->spec and what its case holds, unless the case has failed. */
void golden_network_begin(golden_case *c, hid_t group, golden_network *n);
void golden_network_end(golden_network *n);

/* Running statistics after the first training pass, into mean and var. */
void golden_network_statistics(golden_network *n);

/* Weights of the operations, by softmax; NULL without alphas. */
double *golden_mixture(golden_case *c, const td_real *alphas, int nodes);

/* Compare the logits of an evaluation with these; \a alphas: of a supernet. */
void golden_network_evaluate(golden_case *c, hid_t group, golden_network *n,
                             const td_real *alphas, double tolerance);

/* ---- the files: checker_*.c ---------------------------------------------- */

void golden_check_ops(golden_run *run, const char *path, const char *file);
void golden_check_mixed_op(golden_run *run, const char *path, const char *file);
void golden_check_supernet(golden_run *run, const char *path, const char *file);
void golden_check_derived(golden_run *run, const char *path, const char *file);
void golden_check_search(golden_run *run, const char *path, const char *file);
void golden_check_genotypes(golden_run *run, const char *path, const char *file);
void golden_check_schedules(golden_run *run, const char *path, const char *file);
void golden_check_longtail(golden_run *run, const char *path, const char *file);
void golden_check_sums(golden_run *run, const char *path, const char *file);
void golden_check_mixing(golden_run *run, const char *path, const char *file);
void golden_check_relaxations(golden_run *run, const char *path, const char *file);
void golden_check_discretise(golden_run *run, const char *path, const char *file);
void golden_check_stops(golden_run *run, const char *path, const char *file);
void golden_check_losses(golden_run *run, const char *path, const char *file);
void golden_check_cures(golden_run *run, const char *path, const char *file);
void golden_check_frames(golden_run *run, const char *path, const char *file);

#endif
