namespace Deucalion.Common.Log;

/// <summary>What "durable" means.</summary>
public enum JournalSync
{
    /// <summary>A record is durable when the round that holds it has been synced to the device. Survives a power loss.</summary>
    Batch = 0,

    /// <summary>A record is durable when the kernel has it; the device follows within the interval. Survives the death of the process, not of the machine.</summary>
    Interval = 1,

    /// <summary>As <see cref="Interval"/>, but the device follows when the kernel sees fit.</summary>
    Never = 2,
}
