namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>A lease held under this process's session.</summary>
internal sealed class BucketLease(OwnSession session, string name, LeaseDocument document, string revision) : ICoordinationLease
{
    private readonly CancellationTokenSource _lost = new();
    private int _released;

    public string Name => name;

    public long FencingToken => document.Token;

    public CancellationToken Lost => _lost.Token;

    /// <summary>What the lease's document says.</summary>
    public LeaseDocument Document => document;

    /// <summary>Revision of the lease's document.</summary>
    public string Revision => revision;

    /// <summary>It is no longer held. Whoever listens is called on threads of the pool.</summary>
    public Task LoseAsync() => _lost.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            await session.ReleaseAsync(this);
            await LoseAsync();
        }
    }
}
