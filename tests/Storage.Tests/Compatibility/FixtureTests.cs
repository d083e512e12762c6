using System.Globalization;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Log;
using Deucalion.Common.Manifests;
using Deucalion.Common.Objects;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Head;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Blocks;
using Deucalion.Storage.Tests.Head;
using Deucalion.Storage.Tools;
using Deucalion.Testing.Fixtures;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Storage.Tests.Compatibility;

/// <summary>
/// Every on-disk format of past versions is still read. A fixture is the data directory of a node with the samples of <see cref="FixtureData"/>: the first 20
/// of each series in blocks, the next 20 in checkpoints, the last 20 in a journal that ends with a kill.
/// </summary>
public sealed class FixtureTests
{
    public static TheoryData<string> Versions => ["v0.1.0", "v0.2.0", "v0.3.0"];

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

        Assert.Equal(Expected(version, 0, FixtureData.InBlocks), await ReadAsync(blocks));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void ReadsCheckpointsAndTheJournal_WhenAPastVersionWroteThem(string version)
    {
        using var copy = Copy(version);
        using var meters = new TestMeterFactory();
        using var resources = new HeadResources(long.MaxValue, poison: true);
        var disk = new LinuxDisk();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var exemplars = new List<string>();
        var metadata = new HashSet<string>();
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
                found.UnionWith(samples.Select(s => Line(labels, s.Key, s.Value)));
            }

            var held = new List<SeriesExemplars>();
            head.Exemplars([[]], long.MinValue, long.MaxValue, held);
            exemplars.AddRange(held.SelectMany(static e => e.Exemplars.Select(x => string.Create(CultureInfo.InvariantCulture, $"{e.Series} {x.Time} {x.Value} {x.Labels}"))));
            metadata.UnionWith(head.Metadata().Select(static m => $"{m.Family} {m.Type} {m.Help} {m.Unit}"));
        }

        Assert.Equal(Expected(version, FixtureData.InBlocks, FixtureData.Samples), found);
        if (version != "v0.1.0")
        {
            // Those of samples in blocks went with the series from the head.
            Assert.Equal(
                Enumerable.Range(2, 4).Select(static i => 5 + (10 * i)).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{{__name__=\"fixture\", s=\"0\"}} {FixtureData.Start + (i * 15_000L)} {i} {{trace_id=\"t{i}\"}}")),
                exemplars);
            Assert.Equal([$"fixture gauge {FixtureData.Help} "], metadata);
        }
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

    private static SortedSet<string> Expected(string version, int first, int end)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var series in FixtureData.Series(version, first, end))
        {
            var labels = Labels.Of(series.Labels);
            lines.UnionWith(series.Samples.Select(s => Line(labels, s.Time, new HeldSample(HeadSample.KeyOf(s.Value), s.StartTime))));
            lines.UnionWith(series.Histograms.Select(h => Line(labels, h.Time, new HeldSample(HeadSample.KeyOf(h.Value), h.StartTime))));
        }

        return lines;
    }

    private static async Task<SortedSet<string>> ReadAsync(IReadOnlyList<DatabaseBlock> blocks)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        var merger = new ChunkMerger();
        var samples = new SampleBuffer();
        foreach (var block in blocks)
        {
            using var reader = await BlockReader.OpenDirectoryAsync(block.Directory, CancellationToken.None);
            using var selection = await reader.SelectAsync([], long.MinValue, long.MaxValue, CancellationToken.None);
            await selection.LoadAsync(CancellationToken.None);
            for (var series = 0; series < selection.Count; series++)
            {
                merger.Begin();
                selection.AddTo(merger, series);
                merger.Read(long.MinValue, long.MaxValue, samples);
                for (var i = 0; i < samples.Count; i++)
                {
                    var start = samples.StartTimes.IsEmpty ? 0 : samples.StartTimes[i];
                    lines.Add(Line(selection.LabelsAt(series), samples.Times[i], new HeldSample(HeadSample.KeyOf(samples.Values[i]), start)));
                }

                foreach (ref readonly var sample in samples.Histograms)
                {
                    lines.Add(Line(selection.LabelsAt(series), sample.Time, new HeldSample(HeadSample.KeyOf(sample.Histogram), sample.StartTime)));
                }
            }
        }

        return lines;
    }

    private static string Line(Labels labels, long time, HeldSample sample) => string.Create(CultureInfo.InvariantCulture, $"{labels} {time} {sample.Start} {sample.Key}");

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
