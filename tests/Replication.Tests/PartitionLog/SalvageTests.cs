using Deucalion.Replication.PartitionLog;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class SalvageTests : IDisposable
{
    private readonly LogFixture _node = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task OpensWithWhatIsLeft_AndSaysWhatIsLost()
    {
        await WriteAsync();
        _node.Disk.Flip(Path.Combine(LogFixture.JournalDirectory, "0000000002.log"), 500);
        _node.Start();
        await Assert.ThrowsAsync<PartitionRefusedException>(() => _node.OpenAsync(1));

        // Its records go on without a gap behind the damage: it lost nothing.
        await _node.OpenAsync(2);
        await _node.OpenAsync(3);
        _node.Logs.Dispose();
        var report = _node.Salvage();

        Assert.Single(report.Damage);
        var lost = report.Partitions.Single(static entry => entry.Partition.Value == 1);
        Assert.True(lost.MayHaveLost);
        Assert.True(lost.Dropped > 0);
        _node.Start();
        Assert.All(_node.Recovered, static log => Assert.Null(log.Refusal));
        Assert.Equal((int)lost.LastSeq - 1, _node.OwnerOf(1).Applied.Count);
        Assert.Equal(Enumerable.Range(0, _node.OwnerOf(1).Applied.Count).Select(static i => $"1-{i}"), _node.OwnerOf(1).Applied.Select(static text => text.Trim()));
        foreach (var partition in (int[])[1, 2, 3])
        {
            await _node.OpenAsync(partition);
            await LogFixture.WriteAsync(_node.Log(partition), _node.OwnerOf(partition), "after");
        }

        Assert.Contains(_node.Disk.List(LogFixture.Data), static entry => entry.Name == "journal.damaged-1");
        _node.Logs.Dispose();
        _node.Start();
        Assert.Equal("after", _node.OwnerOf(1).Applied[^1]);
        await _node.OpenAsync(1);
    }

    [Fact]
    public async Task KeepsThePartition_WhoseCheckpointHoldsWhatWasDamaged()
    {
        await WriteAsync(checkpoint: 2);
        _node.Disk.Flip(Path.Combine(LogFixture.JournalDirectory, "0000000002.log"), 700);
        _node.Salvage();
        _node.Start();

        Assert.Equal(40, _node.OwnerOf(2).Applied.Count);
        await _node.OpenAsync(2);
        Assert.Equal(42, _node.Log(2).End);
    }

    [Fact]
    public async Task OpensAgain_AfterTheJournalOrTheCheckpointWasLost()
    {
        await WriteAsync(checkpoint: 2);
        _node.Disk.DeleteDirectory(LogFixture.JournalDirectory);
        _node.Disk.Flip("/data/partitions/2/checkpoint", 100);
        _node.Start();
        await Assert.ThrowsAsync<PartitionRefusedException>(() => _node.OpenAsync(1));
        await Assert.ThrowsAsync<PartitionRefusedException>(() => _node.OpenAsync(2));
        _node.Logs.Dispose();
        _node.Salvage();
        _node.Start();

        await _node.OpenAsync(1);
        await _node.OpenAsync(2);
        Assert.Empty(_node.OwnerOf(1).Applied);
        Assert.True(_node.Log(1).Term > 1);
    }

    [Fact]
    public async Task IsDoneOrNotDone_AtAnyPowerLoss()
    {
        for (var operations = 1; operations < 80; operations++)
        {
            using var node = new LogFixture(operations);
            await WriteAsync(node, 0);
            node.Disk.Flip(Path.Combine(LogFixture.JournalDirectory, "0000000002.log"), 500);
            node.Disk.LosePowerAfter(operations);
            try
            {
                node.Salvage();
            }
            catch (IOException)
            {
            }

            node.Disk.Crash();
            node.Start();
            if (node.Recovered.Any(static log => log.Refusal is not null))
            {
                node.Logs.Dispose();
                node.Salvage();
                node.Start();
            }

            Assert.All(node.Recovered, static log => Assert.Null(log.Refusal));
            Assert.NotEmpty(node.OwnerOf(1).Applied);
            await node.OpenAsync(1);
        }
    }

    private Task WriteAsync(int checkpoint = 0) => WriteAsync(_node, checkpoint);

    private static async Task WriteAsync(LogFixture node, int checkpoint)
    {
        node.Start();
        await node.OpenAsync(1);
        await node.OpenAsync(2);
        for (var i = 0; i < 40; i++)
        {
            await LogFixture.WriteAsync(node.Log(1), node.OwnerOf(1), $"1-{i}{new string(' ', 100)}");
            await LogFixture.WriteAsync(node.Log(2), node.OwnerOf(2), $"2-{i}");
        }

        if (checkpoint > 0)
        {
            node.OwnerOf(checkpoint).Save(node.Disk, node.Log(checkpoint));
        }

        node.Logs.Dispose();
    }
}
