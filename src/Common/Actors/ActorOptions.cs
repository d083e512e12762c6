namespace Deucalion.Common.Actors;

/// <summary>Mailbox and supervision of an actor.</summary>
public sealed class ActorOptions
{
    /// <summary>Messages that may wait. A full mailbox refuses (<see cref="ActorRef{TMessage}.TryTell"/>) or makes the sender wait.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>Wait before the first restart; doubles with each further one.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait before a restart.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>So many restarts within <see cref="RestartWindow"/> are tried; the next failure escalates. 0: the first failure escalates.</summary>
    public int MaxRestarts { get; init; } = 10;

    /// <summary>An instance that lived this long is taken for healthy: counting begins anew.</summary>
    public TimeSpan RestartWindow { get; init; } = TimeSpan.FromMinutes(1);
}
