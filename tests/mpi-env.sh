# shellcheck shell=bash
# Environment for mpirun as root and with more ranks than cores: containers, CI, laptops.
# Sourced by tests/run-one, tests/e2e/lib.sh and jobs/demo.sh; a cluster needs none of it.

# Open MPI refuses root unless told twice.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# More ranks than cores are fine, and a waiting rank gives its core away.
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
# One node: shared memory only, without the system call that containers forbid.
export OMPI_MCA_btl=self,vader OMPI_MCA_btl_vader_single_copy_mechanism=none
# Ranks may use every core they find.
export OMPI_MCA_hwloc_base_binding_policy=none
# One thread per rank, and none hidden inside the BLAS.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}" OPENBLAS_NUM_THREADS=1
