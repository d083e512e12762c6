using System.Text;
using Deucalion.Common.IO;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Deucalion.Replication.Coordination;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Deucalion.Node.Tests.Hosting;

public sealed class CarryOverWiringTests : IDisposable
{
    private const string Placement = """{"version":1,"partitions":256,"widths":{"anonymous":4},"rf":1,"minInSync":1}""";

    private readonly LinuxDisk _disk = new();
    private readonly string _data = Directory.CreateTempSubdirectory("deucalion-carry-over-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Own => Path.Combine(_data, "data", "coordination");

    private string Moved => Own + ".moved";

    private string Shared => Path.Combine(_data, "shared");

    [Fact]
    public async Task WhatTheNodeHadGoesIntoTheStoreThatIsNamedNow_AndTheOldSettingsAreRefusedThen()
    {
        await FillAsync();
        await StartAsync(Shared);

        Assert.False(Directory.Exists(Own));
        Assert.Equal(["partitions/7", "placement"], await KeysAsync(Shared));
        Assert.Equal(Placement, Encoding.UTF8.GetString((await Store(Shared).GetAsync("placement", Token))!.Value.Span));
        await StartAsync(Shared);

        var refusal = await Assert.ThrowsAsync<CoordinationException>(() => StartAsync(string.Empty));
        Assert.Contains($"was carried over into the coordination store {Shared}", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Own));

        // So is another node of the machine that shared the directory.
        var other = new NodeOptions { DataPath = Path.Combine(_data, "other"), CoordinationPath = Own + "/" };
        await Assert.ThrowsAsync<CoordinationException>(() => StartAsync(other));
    }

    [Fact]
    public async Task NothingIsMade_WhereTheNodeHasNothingOfItsOwn()
    {
        await StartAsync(Shared);
        Assert.False(Directory.Exists(Own));
        Assert.Empty(await KeysAsync(Shared));
    }

    [Fact]
    public async Task ItsOwnDirectoryUnderAnyNameStaysWhatItIs()
    {
        await FillAsync();
        await StartAsync(string.Empty);
        await StartAsync(Own + "/");
        await StartAsync(Path.Combine(_data, "data", "..", "data", "coordination"));
        var link = Path.Combine(_data, "link");
        Directory.CreateSymbolicLink(link, Own);
        await StartAsync(link);

        Assert.Equal(["partitions/7", "placement"], await KeysAsync(Own));
        Assert.False(Directory.Exists(Moved));
    }

    [Fact]
    public async Task AStartThatWasCutShortAfterTheMove_IsFinishedByTheNextOne()
    {
        await FillAsync();
        var node = new NodeName(Path.Combine(_data, "data")).Of(_disk);
        await Store(Shared).PutIfAsync("placement", Encoding.UTF8.GetBytes(Placement[..^1] + $",\"carriedFrom\":\"{node}\"}}"), null, Token);
        Directory.Move(Own, Moved);
        await StartAsync(Shared);

        Assert.Equal(Placement, Encoding.UTF8.GetString((await Store(Shared).GetAsync("placement", Token))!.Value.Span));
    }

    [Fact]
    public async Task IsRefused_WhereAnEarlierVersionHasBegunAnewInTheOldPlace()
    {
        await FillAsync();
        await StartAsync(Shared);
        await FillAsync();

        var refusal = await Assert.ThrowsAsync<CoordinationException>(() => StartAsync(Shared));
        Assert.Contains(Moved, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["partitions/7", "placement"], await KeysAsync(Own));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static LocalFileStore Store(string path) => ClusterWiring.LocalStore(new LinuxDisk(), path, TimeProvider.System);

    private static async Task<IEnumerable<string>> KeysAsync(string path) => (await Store(path).ListAsync(string.Empty, Token)).Select(static x => x.Key);

    private async Task FillAsync()
    {
        var node = new NodeName(Path.Combine(_data, "data")).Of(_disk);
        var store = Store(Own);
        await store.PutIfAsync("placement", Encoding.UTF8.GetBytes(Placement), null, Token);
        var entry = new PartitionEntry
        {
            Term = 3,
            Version = 5,
            ReplicationFactor = 1,
            MinInSync = 1,
            Primary = node,
            InSync = [new ReplicaRef(node, "abcd")],
            Learners = [],
            WriterId = "w",
            Counter = 1,
        };
        await store.PutIfAsync("partitions/7", entry.Serialize(), null, Token);
    }

    private Task StartAsync(string coordinationPath) => StartAsync(new NodeOptions { DataPath = Path.Combine(_data, "data"), CoordinationPath = coordinationPath });

    /// <summary>What a start does about the store, up to its first use.</summary>
    private async Task StartAsync(NodeOptions options)
    {
        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IDisk>(_disk)
            .AddSingleton(new NodeName(options.DataPath))
            .AddSingleton(p => ClusterWiring.Store(options, p))
            .BuildServiceProvider();
        await CarryOverWiring.RunAsync(options, services, NullLogger.Instance, Token);
        await services.GetRequiredService<ICoordinationStore>().ListAsync(string.Empty, Token);
    }
}
