# shellcheck shell=bash
# A private Slurm of one node for the tests: munge's key, sockets, ports, state and logs all
# in $T, nothing in /etc.  Sourced after lib.sh.  Needs root and Debian's packages
# slurmctld, slurmd, slurm-client, munge.

slurm_missing() {
    [ "$(id -u)" = 0 ] || { echo "not root"; return; }
    local tool
    PATH=$PATH:/usr/sbin
    for tool in munged slurmctld slurmd sbatch scontrol squeue; do
        command -v "$tool" >/dev/null ||
            { echo "$tool is not installed"; return; }
    done
}

# Two ports that nobody listens on.
free_ports() {
    perl -MIO::Socket::INET -e 'my @s = map { IO::Socket::INET->new(Listen => 1,
        LocalAddr => "127.0.0.1", Proto => "tcp") } 1 .. 2; print join " ", map { $_->sockport } @s'
}

slurm_conf() {
    local node memory ports
    node=$(hostname -s)
    memory=$(awk '/MemTotal/ { print int($2 / 1024 / 2) }' /proc/meminfo)
    read -ra ports <<<"$(free_ports)"
    cat <<END
ClusterName=taildart-test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$T/slurm/munge.socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
JobRequeue=1
KillWait=5
SlurmdParameters=config_overrides
StateSaveLocation=$T/slurm/state
SlurmdSpoolDir=$T/slurm/spool
SlurmctldPidFile=$T/slurm/slurmctld.pid
SlurmdPidFile=$T/slurm/slurmd.pid
SlurmctldLogFile=$T/slurm/slurmctld.log
SlurmdLogFile=$T/slurm/slurmd.log
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 RealMemory=$memory State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
}

slurm_idle() { sinfo -h -o %T | grep -qx idle; }

# Starts the three daemons in the foreground of background processes: they end with the
# test.  Fails with their logs on stderr when the node does not get ready.
slurm_start() {
    PATH=$PATH:/usr/sbin
    mkdir -p "$T/slurm/state" "$T/slurm/spool"
    slurm_conf >"$T/slurm/slurm.conf"
    export SLURM_CONF="$T/slurm/slurm.conf"
    head -c 1024 /dev/urandom >"$T/slurm/munge.key"
    chmod 400 "$T/slurm/munge.key"
    start munged munged --foreground --force --key-file="$T/slurm/munge.key" \
        --socket="$T/slurm/munge.socket" --pid-file="$T/slurm/munge.pid" \
        --seed-file="$T/slurm/munge.seed" --log-file="$T/slurm/munge.log"
    until_true 20 test -S "$T/slurm/munge.socket" || { cat "$T/slurm/munge.log" >&2; return 1; }
    start slurmctld slurmctld -D -f "$SLURM_CONF"
    until_true 20 scontrol ping || { cat "$T/slurm/slurmctld.log" >&2; return 1; }
    start slurmd slurmd -D -f "$SLURM_CONF"
    until_true 60 slurm_idle || { cat "$T"/slurm/slurm*.log >&2; return 1; }
}

# job ID FIELD: JobState, Restarts, ExitCode, … of a job.
job() { scontrol show job "$1" | tr -s ' ' '\n' | sed -n "s/^$2=//p"; }
job_is() { [ "$(job "$1" "$2")" = "$3" ]; }
