using System.Globalization;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Log;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Head;
using Deucalion.Storage.Tests.Blocks;
using Deucalion.Storage.Tests.Head;
using Deucalion.Storage.Tools;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Storage.Tests.Compatibility;

/// <summary>
/// Every on-disk format of past versions is still read. A fixture is the data directory of a node: 60 samples of each of three series
/// <c>fixture{s}</c>, 15 s apart, the first 20 in blocks, the next 20 in checkpoints, the last 20 in a journal that ends with a kill.
/// </summary>
public sealed class FixtureTests
{
    private const long Start = 1_700_000_000_000;

    public static TheoryData<string> Versions => ["v0.1.0"];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task ReadsBlocksAndManifests_WhenAPastVersionWroteThem(string version)
    {
        using var copy = Copy(version);
        var store = new LocalObjectStore(new LinuxDisk(), Path.Combine(copy.Path, "bucket"));
        var listed = new List<string>();
        await foreach (var manifest in new ManifestStore(store).ListAsync(TenantId.Anonymous, CancellationToken.None))
        {
            listed.AddRange(manifest.Blocks.Select(static b => b.Ulid));
        }

        var blocks = await DatabaseDirectory.BlocksAsync(Path.Combine(copy.Path, "bucket", "anonymous"), CancellationToken.None);
        Assert.Equal(blocks.Select(static b => b.Meta.Ulid).Order(), listed.Order());
        foreach (var block in blocks)
        {
            Assert.Empty(await BlockVerifier.VerifyDirectoryAsync(block.Directory, CancellationToken.None));
        }

        using var dump = new StringWriter();
        await new SampleDump(dump).WriteAsync(blocks, null, [], long.MinValue, long.MaxValue, CancellationToken.None);
        var expected = Samples(0, 20).Select(static s => string.Create(CultureInfo.InvariantCulture, $"{s.Labels} {s.Value} {s.Time}"));
        Assert.Equal(expected, dump.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void ReadsCheckpointsAndTheJournal_WhenAPastVersionWroteThem(string version)
    {
        using var copy = Copy(version);
        using var meters = new TestMeterFactory();
        using var resources = new HeadResources(long.MaxValue, poison: true);
        var disk = new LinuxDisk();
        var found = new List<(Labels, long, double)>();
        var options = new JournalOptions { Directory = Path.Combine(copy.Path, "journal") };
        using var journal = Journal.Open(disk, options, new JournalMetrics(meters), TimeProvider.System);
        Assert.Empty(journal.Recovery.Damage);
        foreach (var directory in Directory.GetDirectories(Path.Combine(copy.Path, "partitions")))
        {
            using var checkpoint = CheckpointReader.Open(disk, Path.Combine(directory, "checkpoint"))!;
            Assert.True(checkpoint.NextSection());
            checkpoint.ReadExactly(new byte[2 + "anonymous".Length]);
            var partition = int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
            using var head = TenantHead.ReadCheckpoint(resources, partition, checkpoint.Read);
            Assert.False(checkpoint.NextSection());
            Replay(journal, partition, checkpoint.Header.Seq, head);
            foreach (var (labels, samples) in HeadHarness.Read(head, [], long.MinValue, long.MaxValue))
            {
                found.AddRange(samples.Select(s => (labels, s.Key, HeadSample.FloatOf(s.Value.Key))));
            }
        }

        Assert.Equal(Samples(20, 60), found.OrderBy(static f => f.Item1).ThenBy(static f => f.Item2));
    }

    private static void Replay(Journal journal, int partition, long after, TenantHead head)
    {
        using var records = journal.OpenReader();
        var count = 0;
        while (records.Read())
        {
            if (records.Partition.Value == partition && records.Seq > after && (byte)records.Kind < (byte)RecordKind.TermStart)
            {
                Assert.Equal("anonymous", Encoding.UTF8.GetString(records.Payload.Slice(1, records.Payload[0])));
                head.Apply(records.Kind, records.Payload[(1 + records.Payload[0])..]);
                count++;
            }
        }

        Assert.True(count > 0, "the journal goes on behind the checkpoint");
    }

    private static IEnumerable<(Labels Labels, long Time, double Value)> Samples(int first, int end) =>
        from series in Enumerable.Range(0, 3)
        let labels = Labels.Of(("__name__", "fixture"), ("s", series.ToString(CultureInfo.InvariantCulture)))
        from i in Enumerable.Range(first, end - first)
        select (labels, Start + (i * 15_000L), (series * 1000) + i + (0.25 * (i % 3)));

    private static TemporaryDirectory Copy(string version)
    {
        var from = Path.Combine(AppContext.BaseDirectory, "fixtures", version);
        var copy = new TemporaryDirectory();
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.Path, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }
}
