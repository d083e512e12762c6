using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Testing.Disk;
using Xunit;

namespace Deucalion.Replication.Tests.Coordination;

public sealed class LostClusterTests
{
    private readonly LocalFileStore _store = new(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));

    private LostCluster Lost => new(_store, TimeProvider.System);

    [Fact]
    public async Task ForgetsPartitionsAndNodes_AndNothingElse()
    {
        foreach (var key in (string[])["partitions/0", "partitions/12", "nodes/0123", "placement"])
        {
            await _store.PutIfAsync(key, Entry().Serialize(), null, CancellationToken.None);
        }

        Assert.Equal([new PartitionId(0), new PartitionId(12)], (await Lost.PartitionsAsync(CancellationToken.None)).Select(static x => x.Partition));
        Assert.Equal((2, 1), await Lost.ForgetAsync(CancellationToken.None));
        Assert.Equal(["placement"], (await _store.ListAsync(string.Empty, CancellationToken.None)).Select(static x => x.Key));
        Assert.Equal((0, 0), await Lost.ForgetAsync(CancellationToken.None));
    }

    [Fact]
    public async Task NobodyIsAlive_OnceAllLeasesAreFree()
    {
        var lease = await _store.TryAcquireLeaseAsync("coordinator", "somebody", TimeSpan.FromSeconds(10), CancellationToken.None);
        using var patience = new CancellationTokenSource();
        var waiting = Lost.AliveAsync(patience.Token);
        Assert.False(waiting.IsCompleted);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await lease!.DisposeAsync();
        Assert.Empty(await Lost.AliveAsync(CancellationToken.None));
    }

    private static PartitionEntry Entry() => new()
    {
        Term = 1,
        Version = 1,
        ReplicationFactor = 1,
        MinInSync = 1,
        Primary = "a",
        InSync = [new ReplicaRef("a", "b")],
        Learners = [],
        WriterId = "w",
        Counter = 1,
    };
}
