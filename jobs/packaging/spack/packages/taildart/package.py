# The recipe builds the clone that it lies in:
#
#   spack repo add CLONE/jobs/packaging/spack
#   spack install taildart
import os

from spack.package import *

CLONE = os.path.realpath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 5))


class Taildart(MakefilePackage):
    """Architecture search on long-tailed image data, over MPI."""

    homepage = "https://arxiv.org/abs/1806.09055"
    git = "file://" + CLONE

    license("Apache-2.0")

    version("main", branch="main")

    variant("plots", default=False, description="Draw cells and studies at run time")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("openblas")
    depends_on("hdf5")
    depends_on("libyaml")
    depends_on("random123", type="build")
    depends_on("xxhash")
    depends_on("zlib-api")
    depends_on("jpeg")
    depends_on("libpng")
    depends_on("graphviz", type="run", when="+plots")
    depends_on("gnuplot", type="run", when="+plots")

    def flag_handler(self, name, flags):
        return (flags, None, None)  # by the compiler's wrapper, in front of the Makefile's

    @property
    def build_targets(self):
        return ["CC=" + self.spec["mpi"].mpicc, "all"]

    @property
    def install_targets(self):
        return ["CC=" + self.spec["mpi"].mpicc, "PREFIX=" + self.prefix, "install"]

    def setup_run_environment(self, env):
        env.prepend_path("PYTHONPATH", self.prefix.share.taildart.python)

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def check_start(self):
        Executable(self.prefix.bin.taildart)("--version")
