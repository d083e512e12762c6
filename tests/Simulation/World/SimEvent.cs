namespace Deucalion.Simulation.World;

/// <summary>What can happen.</summary>
internal enum SimKind
{
    Tick,
    Message,
    Checkpoint,
    Synced,
    CheckpointRenamed,
    CheckpointStored,
    Installed,
    CasArrives,
    CasAnswer,
    EntryRead,
    EntryAnswer,
    EntryPushed,
    Snapshot,
    SnapshotTaken,
    ReadChecked,
    Published,
    Report,
    CoordinatorTick,
    ClientSend,
    ClientArrives,
    ClientAnswer,
    ReaderBegin,
    ReaderArrives,
    ReaderAnswer,
    ReaderBlocks,
    Ship,
    Compact,
    Fault,
    Heal,
    Restart,
    Upgrade,
}

/// <summary>Something that happens at a time. Events of a node that is paused wait; those of a process that is gone are dropped.</summary>
internal readonly record struct SimEvent(SimKind Kind, int Node, int Process, int From, long Number, object? Payload);
