using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.World;

/// <summary>A machine: a disk, a clock of its own speed, and a process that comes and goes.</summary>
internal sealed class SimNode(int index, World world, double clockSpeed, long clockStart)
{
    public int Index => index;

    public NodeId Id { get; } = World.IdOf(index);

    public string Zone { get; } = $"z{index % 3}";

    public required SimDisk Disk { get; set; }

    public SimReplica? Replica { get; private set; }

    public SimCoordinator? Coordinator { get; set; }

    /// <summary>Number of the process that runs, or ran last.</summary>
    public int Process { get; private set; }

    public bool IsUp { get; private set; }

    public long PausedUntil { get; set; }

    public bool IsSlow { get; set; }

    /// <summary>Until when a checkpoint of this process is on its way to each node.</summary>
    public long[] SendsUntil { get; } = new long[16];

    public long Clock(long now) => clockStart + (long)(now * clockSpeed);

    public void Start()
    {
        IsUp = true;
        Process = world.NextProcess();
        Array.Clear(SendsUntil);
        world.Versions.Starts(index);
        var records = Disk.Recover();
        if (records is null)
        {
            // Records are missing: whatever this log was, it is not that any more.
            world.Ledger.CheckNode(index, "after its log was found to have a hole");
            Renew();
            records = [];
        }

        Replica = new SimReplica(world, this, records);
        Replica.Start();
    }

    public void Crash(bool machine)
    {
        IsUp = false;
        Replica = null;
        Coordinator = null;
        Disk.Crash(machine, world.Rng);
        if (world.Plan.HandsToKernel)
        {
            LoseWhatWasNotSynced(machine);
        }

        world.Ledger.CheckNode(index, "after a crash");
    }

    /// <summary>All that lay on the disk is gone.</summary>
    public void Wipe()
    {
        world.Ledger.Lost(Disk);
        Renew();
    }

    /// <summary>The replica gave its log up: an empty one of a new incarnation takes its place.</summary>
    public void StartOver(string reason)
    {
        world.Ledger.GaveUp(Disk, reason);
        Renew();
        Replica = new SimReplica(world, this, []);
        Replica.Start();
    }

    /// <summary>Nobody knows what is missing: the log may come back as a learner's only.</summary>
    private void LoseWhatWasNotSynced(bool machine)
    {
        if (machine)
        {
            Disk.LoseTail(world.Rng);
        }

        if (world.Rules.RenewsAfterUncleanStop)
        {
            world.Ledger.Lost(Disk);
            Disk.Rename(new ReplicaId(Id, (UInt128)world.NextIncarnation()));
        }
    }

    private void Renew() =>
        Disk = new SimDisk(world.Rules.RenewsIncarnation ? new ReplicaId(Id, (UInt128)world.NextIncarnation()) : Disk.Self);
}
