# shellcheck shell=bash
# What runs the program on simulated ranks (SimGrid's SMPI); sourced by the scripts here
# and by tests/e2e.  BUILD is the build's folder; $work, set by who sources this, a folder
# for platforms.

here=$(dirname "${BASH_SOURCE[0]}")
simulated=${BUILD:-build}/simulate/modelled
export TAILDART_MODEL=$here/node.txt   # what passes take
export TAILDART_NOISE=0                # relative deviation of a pass

# network NAME: bandwidth of a link, latency of one of the two links between two hosts,
# and attributes of the cluster, as SimGrid reads them.
network() {
    case $1 in
        10gbe) echo '1.15GBps 12.5us' ;;
        25gbe) echo '2.8GBps 9us' ;;
        hdr) echo '24GBps 0.55us' ;;
        # 16 hosts a switch, which has 8 links to the others
        25gbe-tree) echo '2.8GBps 4.5us topology="FAT_TREE" topo_parameters="2;16,64;1,8;1,1"' ;;
        *) echo "$1: no such network" >&2; return 1 ;;
    esac
}

# platform NETWORK: 1024 hosts called node0… in $work/NETWORK.xml and $work/hosts.
platform() {
    local bandwidth latency rest
    read -r bandwidth latency rest < <(network "$1")
    cat >"$work/$1.xml" <<END
<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="cluster" prefix="node" suffix="" radical="0-1023" speed="1Gf" core="1"
           bw="$bandwidth" lat="$latency" sharing_policy="SPLITDUPLEX" $rest/>
</platform>
END
    seq -f node%g 0 1023 >"$work/hosts"
}

# simulate NETWORK RANKS ARGUMENT…: taildart with these on so many ranks, one a host.
# Messages take what the network says, without factors of another one; collectives are
# chosen as Open MPI chooses; only the model's seconds count as work.
simulate() {
    local network=$1 ranks=$2; shift 2
    [ -e "$work/$network.xml" ] || platform "$network"
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=passive \
        smpirun -np "$ranks" -platform "$work/$network.xml" -hostfile "$work/hosts" \
        --cfg=smpi/simulate-computation:no --cfg=smpi/coll-selector:ompi \
        --cfg=smpi/bw-factor:0:1 --cfg=smpi/lat-factor:0:1 --log=root.thres:warning \
        "$simulated" "$@"
}
