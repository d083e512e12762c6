using System.Text;
using System.Text.Json;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Xunit;

namespace Deucalion.Common.Tests.Manifests;

public sealed class ManifestStoreTests : IDisposable
{
    private static readonly PartitionId Partition = new(7);

    private readonly string _root = Directory.CreateTempSubdirectory("deucalion-test-").FullName;
    private readonly LocalObjectStore _objects;
    private readonly ManifestStore _store;

    public ManifestStoreTests()
    {
        _objects = new LocalObjectStore(new LinuxDisk(), _root);
        _store = new ManifestStore(_objects);
    }

    public void Dispose() => Directory.Delete(_root, true);

    [Fact]
    public async Task IsEmpty_WhenNoneWasWritten()
    {
        var manifest = await _store.ReadAsync(TenantId.Anonymous, Partition, CancellationToken.None);
        Assert.Equal((0, 0, 0L), (manifest.Blocks.Count, manifest.Retired.Count, manifest.Sequence));
    }

    [Fact]
    public async Task ReturnsWhatWasWritten_WhenReadBack()
    {
        var written = await UpdateAsync(m => m.WithBlock(Block("B", 100)).WithBlock(Block("A", 100)).WithBlock(Block("C", 50)));
        written = await UpdateAsync(m => m.WithoutBlocks(["C"], 5, "retention"));
        var read = await _store.ReadAsync(TenantId.Anonymous, Partition, CancellationToken.None);
        Assert.Equal(["A", "B"], read.Blocks.Select(b => b.Ulid));
        Assert.Equal([new RetiredBlock("C", 5, "retention")], read.Retired);
        Assert.Equal(4, read.Sequence);
        Assert.Equal(written.Sequence, read.Sequence);
        Assert.Equal([3, 4], read.Blocks[0].Generations);
        Assert.Equal(read.Blocks[0] with { Generations = written.Blocks[0].Generations }, written.Blocks[0]);
    }

    [Fact]
    public async Task KeepsWhatALaterVersionAdded()
    {
        const string Later =
            """
            {"version":1,"tenant":"anonymous","partition":7,"sequence":4,"tier":{"cold":true},
            "blocks":[{"ulid":"A","minTime":1,"maxTime":2,"generations":[],"level":1,"resolution":0,"bytes":1,"series":1,"samples":1,"sealedBy":"x"}],
            "retired":[{"ulid":"B","retiredAt":9,"reason":"compacted","into":["A"]}]}
            """;
        var key = ManifestStore.Key(TenantId.Anonymous, Partition);
        Assert.NotNull(await _objects.PutIfAsync(key, Encoding.UTF8.GetBytes(Later), null, CancellationToken.None));

        await UpdateAsync(m => m.WithBlock(Block("C", 100)));

        using var written = JsonDocument.Parse((await _objects.GetAsync(key, CancellationToken.None))!.Content);
        var root = written.RootElement;
        Assert.Equal(5, root.GetProperty("sequence").GetInt64());
        Assert.True(root.GetProperty("tier").GetProperty("cold").GetBoolean());
        Assert.Equal("x", root.GetProperty("blocks")[0].GetProperty("sealedBy").GetString());
        Assert.False(root.GetProperty("blocks")[1].TryGetProperty("sealedBy", out _));
        Assert.Equal("A", root.GetProperty("retired")[0].GetProperty("into")[0].GetString());
    }

    [Fact]
    public async Task LosesNoBlock_WhenWritersCompete()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await UpdateAsync(m => m.WithBlock(Block($"{w}-{i}", i)));
            }
        })));
        var read = await _store.ReadAsync(TenantId.Anonymous, Partition, CancellationToken.None);
        Assert.Equal(40, read.Blocks.Count);
        Assert.Equal(40, read.Sequence);
    }

    [Fact]
    public async Task WritesNothing_WhenTheChangeChangesNothing()
    {
        await UpdateAsync(m => m.WithBlock(Block("A", 1)));
        var before = await _objects.GetAsync(ManifestStore.Key(TenantId.Anonymous, Partition), CancellationToken.None);
        await UpdateAsync(m => m.WithBlock(Block("A", 1)));
        await UpdateAsync(m => m.WithoutBlocks(["X"], 1, "retention"));
        await UpdateAsync(m => m.WithoutRetiredBefore(1));
        var after = await _objects.GetAsync(ManifestStore.Key(TenantId.Anonymous, Partition), CancellationToken.None);
        Assert.Equal(before!.Revision, after!.Revision);
    }

    [Fact]
    public void SwapsSourcesForResultsOnce_WhenReplacedTwice()
    {
        var manifest = new Manifest { Tenant = TenantId.Anonymous, Partition = Partition }
            .WithBlock(Block("A", 1)).WithBlock(Block("B", 2)).WithBlock(Block("C", 3));
        var replaced = manifest.WithReplaced(["A", "B"], [Block("AB", 1)], 9, "compacted");
        Assert.Equal(["AB", "C"], replaced.Blocks.Select(b => b.Ulid));
        Assert.Equal(["A", "B"], replaced.Retired.Select(r => r.Ulid));
        Assert.Same(replaced, replaced.WithReplaced(["A", "B"], [Block("AB", 1)], 9, "compacted"));
        Assert.Throws<InvalidOperationException>(() => replaced.WithReplaced(["A", "C"], [Block("AC", 1)], 9, "compacted"));
        Assert.Same(replaced, replaced.WithBlock(Block("A", 1)));
        Assert.Empty(replaced.WithoutRetiredBefore(10).Retired);
    }

    [Fact]
    public async Task ADeletionRetiresAllBlocks_AndIsNotedOnce()
    {
        const long now = 1_720_000_000_000;
        var (first, second) = (new ManifestDeletion(Ulid.Create(now, new byte[10]).ToString(), 7), new ManifestDeletion(Ulid.Create(now + 1, new byte[10]).ToString(), 9));
        await UpdateAsync(m => m.WithBlock(Block("A", 1)).WithBlock(Block("B", 2)));
        var deleted = await UpdateAsync(m => m.WithTenantDeleted(first, now));
        Assert.Empty(deleted.Blocks);
        Assert.Equal([new RetiredBlock("A", now, "deleted"), new RetiredBlock("B", now, "deleted")], deleted.Retired);
        Assert.Same(deleted, deleted.WithTenantDeleted(first, now + 1));
        Assert.Same(deleted, deleted.WithBlock(Block("A", 1)));
        await UpdateAsync(m => m.WithBlock(Block("C", 3)).WithTenantDeleted(second, now + 1));
        await UpdateAsync(m => m.WithBlock(Block("D", 4)));
        var read = await new ManifestStore(_objects).ReadAsync(TenantId.Anonymous, Partition, CancellationToken.None);
        Assert.Equal(["D"], read.Blocks.Select(static b => b.Ulid));
        Assert.Equal([first, second], read.Deletions);
        Assert.Equal(second.Ulid, read.LastDeletion);
        Assert.Same(read, read.WithTenantDeleted(first, now + 2));
    }

    [Fact]
    public async Task DeletionsStandInTheDocumentAsDocumented_AndAreForgottenAfterADay()
    {
        var key = ManifestStore.Key(TenantId.Anonymous, Partition);
        await UpdateAsync(static m => m.WithBlock(Block("A", 1)));
        Assert.DoesNotContain("deletions", Encoding.UTF8.GetString((await _objects.GetAsync(key, CancellationToken.None))!.Content.Span), StringComparison.Ordinal);
        var old = new ManifestDeletion(Ulid.Create(1_720_000_000_000, new byte[10]).ToString(), 12);
        await UpdateAsync(m => m.WithTenantDeleted(old, 1_720_000_000_000));
        using var written = JsonDocument.Parse((await _objects.GetAsync(key, CancellationToken.None))!.Content);
        Assert.Equal("""[{"ulid":"01J1VZTC000000000000000000","seq":12}]""", JsonSerializer.Serialize(written.RootElement.GetProperty("deletions")));
        Assert.Equal("deleted", written.RootElement.GetProperty("retired")[0].GetProperty("reason").GetString());
        const long DayLater = 1_720_000_000_000 + (25 * 60 * 60 * 1000);
        var young = new ManifestDeletion(Ulid.Create(DayLater, new byte[10]).ToString(), 13);
        Assert.Equal([young], (await UpdateAsync(m => m.WithTenantDeleted(young, DayLater))).Deletions);
    }

    [Fact]
    public async Task FindsPartitionsAndTenants_WhenListed()
    {
        Assert.True(TenantId.TryParse("team-a", out var team, out _));
        await UpdateAsync(m => m.WithBlock(Block("A", 1)));
        await _store.UpdateAsync(TenantId.Anonymous, new PartitionId(12), m => m.WithBlock(Block("B", 1)), CancellationToken.None);
        await _store.UpdateAsync(team, Partition, m => m.WithBlock(Block("C", 1)), CancellationToken.None);
        await _objects.PutAsync("other/manifests/readme.txt", new byte[1], CancellationToken.None);
        var partitions = new List<int>();
        await foreach (var manifest in _store.ListAsync(TenantId.Anonymous, CancellationToken.None))
        {
            partitions.Add(manifest.Partition.Value);
        }

        var tenants = new List<string>();
        await foreach (var tenant in _store.ListTenantsAsync(CancellationToken.None))
        {
            tenants.Add(tenant.Value);
        }

        Assert.Equal([7, 12], partitions.Order());
        Assert.Equal(["anonymous", "team-a"], tenants);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"version\": 2, \"tenant\": \"anonymous\", \"partition\": 7}")]
    [InlineData("{\"version\": 1, \"tenant\": \"other\", \"partition\": 7}")]
    [InlineData("{\"version\": 1, \"tenant\": \"anonymous\", \"partition\": 8}")]
    [InlineData("{\"version\": 1, \"tenant\": \"anonymous\", \"partition\": 7, \"blocks\": [{}]}")]
    public async Task IsRefused_WhenTheDocumentIsNotThisManifest(string json)
    {
        await _objects.PutAsync(ManifestStore.Key(TenantId.Anonymous, Partition), Encoding.UTF8.GetBytes(json), CancellationToken.None);
        await Assert.ThrowsAsync<CorruptManifestException>(
            async () => await _store.ReadAsync(TenantId.Anonymous, Partition, CancellationToken.None));
    }

    private static ManifestBlock Block(string ulid, long minTime) => new()
    {
        Ulid = ulid,
        MinTime = minTime,
        MaxTime = minTime + 10,
        Generations = [3, 4],
        Level = 1,
        Bytes = 5,
        Series = 6,
        Samples = 7,
    };

    private async Task<Manifest> UpdateAsync(Func<Manifest, Manifest> change) =>
        await _store.UpdateAsync(TenantId.Anonymous, Partition, change, CancellationToken.None);
}
