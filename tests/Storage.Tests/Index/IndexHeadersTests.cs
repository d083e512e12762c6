using System.Globalization;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Index;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Blocks;
using Testing.Objects;
using Xunit;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Tests.Index;

/// <summary>Blocks in a bucket that is not local, opened through headers that are kept here.</summary>
public sealed class IndexHeadersTests : IDisposable
{
    private const int Series = 3000;
    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryObjectStore _store = new(new LinuxDisk(), TimeProvider.System);
    private readonly List<string> _reads = [];
    private readonly IndexHeaders _headers;
    private readonly string _local;

    public IndexHeadersTests()
    {
        _headers = new IndexHeaders(new LinuxDisk(), Path.Combine(_directory.Path, "headers"));
        _local = Write(7);
        _store.FailBefore = (operation, key) =>
        {
            if (operation == ObjectOperation.Get)
            {
                _reads.Add(key);
            }

            return false;
        };
    }

    private string Header => Path.Combine(_directory.Path, "headers", "t", "b", IndexHeader.FileName);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task AsksTheIndexForNothing_WhenItsHeaderIsThere()
    {
        await PutAsync(_local);
        using (await OpenAsync())
        {
            // Header, table of contents, symbols and tables: each a read.
            Assert.InRange(IndexReads, 1, 5);
        }

        _reads.Clear();
        using var again = await OpenAsync();
        Assert.Equal(0, IndexReads);
    }

    [Fact]
    public async Task FetchesNeighboursTogether_WhenSeriesAreSelected()
    {
        await PutAsync(_local);
        using var remote = await OpenAsync();
        using var mapped = await BlockReader.OpenDirectoryAsync(_local, CancellationToken.None);
        LabelMatcher[][] selectors =
        [
            [],
            [new(MatchType.Equal, "__name__", "metric")],
            [new(MatchType.Regex, "s", ".*7")],
            [new(MatchType.Equal, "s", "0042")],
            [new(MatchType.NotEqual, "even", "yes"), new(MatchType.Regex, "s", "1.*|2.*")],
        ];
        foreach (var matchers in selectors)
        {
            _reads.Clear();
            await EqualAsync(mapped, remote, matchers);

            // A run of postings for each matcher, series and chunks in runs of megabytes: 3,000 series are well below.
            Assert.True(IndexReads <= matchers.Length + 2, $"{IndexReads} reads of the index for {string.Join(',', matchers.Select(static m => m.ToString()))}");
            Assert.True(_reads.Count - IndexReads <= 2, $"{_reads.Count - IndexReads} reads of chunks");
        }

        Assert.Equal(await mapped.LabelNamesAsync([], CancellationToken.None), await remote.LabelNamesAsync([], CancellationToken.None));
        _reads.Clear();
        Assert.Equal(await mapped.LabelValuesAsync("s", [], CancellationToken.None), await remote.LabelValuesAsync("s", [], CancellationToken.None));
        Assert.Empty(_reads);
    }

    [Fact]
    public async Task MakesTheHeaderAnew_WhenItIsDamagedOrOfAnotherBlock()
    {
        await PutAsync(_local);
        (await OpenAsync()).Dispose();
        var whole = await File.ReadAllBytesAsync(Header);
        var other = new MemoryByteSource(await File.ReadAllBytesAsync(Path.Combine(Write(8), "index")));
        var foreign = Path.Combine(_directory.Path, "foreign");
        await IndexHeader.WriteAsync(other, new LinuxDisk(), foreign, CancellationToken.None);
        using var mapped = await BlockReader.OpenDirectoryAsync(_local, CancellationToken.None);
        byte[][] damaged = [[], whole[..100], whole[..^1], await File.ReadAllBytesAsync(foreign), .. new[] { 0, 14, 20, 1000, whole.Length / 2, whole.Length - 30, whole.Length - 1 }.Select(at => Flip(whole, at))];
        foreach (var bytes in damaged)
        {
            await File.WriteAllBytesAsync(Header, bytes);
            using var remote = await OpenAsync();
            await EqualAsync(mapped, remote, [new(MatchType.Regex, "s", "00.*")]);
            Assert.Equal(whole, await File.ReadAllBytesAsync(Header));
        }
    }

    [Fact]
    public async Task ReadsTheIndexItself_WhenNoHeaderCanBeKept()
    {
        await PutAsync(_local);
        await File.WriteAllTextAsync(Path.Combine(_directory.Path, "headers"), "in the way");
        using var mapped = await BlockReader.OpenDirectoryAsync(_local, CancellationToken.None);
        using var remote = await OpenAsync();
        await EqualAsync(mapped, remote, [new(MatchType.Equal, "even", "yes")]);
    }

    [Fact]
    public async Task ForgetsHeaders_WhenTheirBlocksAreGone()
    {
        await PutAsync(_local);
        (await OpenAsync()).Dispose();
        _headers.Keep("t", static name => name == "b");
        Assert.True(File.Exists(Header));
        _headers.Keep("t", static _ => false);
        Assert.False(File.Exists(Header));
        _headers.Keep("nobody", static _ => false);
    }

    private int IndexReads => _reads.Count(static k => k.EndsWith("/index", StringComparison.Ordinal));

    private static byte[] Flip(byte[] bytes, int at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 1;
        return copy;
    }

    private static async Task EqualAsync(BlockReader expected, BlockReader actual, LabelMatcher[] matchers)
    {
        using var left = await expected.SelectAsync(matchers, long.MinValue, long.MaxValue, CancellationToken.None);
        using var right = await actual.SelectAsync(matchers, long.MinValue, long.MaxValue, CancellationToken.None);
        await left.LoadAsync(CancellationToken.None);
        await right.LoadAsync(CancellationToken.None);
        Assert.True(left.Count > 0);
        Assert.Equal((left.Count, left.ChunkCount), (right.Count, right.ChunkCount));
        for (var i = 0; i < left.Count; i++)
        {
            Assert.Equal(left.LabelsAt(i), right.LabelsAt(i));
            Assert.Equal(left.ChunksAt(i).ToArray(), right.ChunksAt(i).ToArray());
        }

        for (var i = 0; i < left.ChunkCount; i++)
        {
            Assert.Equal(left.Chunk(i, out var encoding).ToArray(), right.Chunk(i, out var other).ToArray());
            Assert.Equal(encoding, other);
        }
    }

    private ValueTask<BlockReader> OpenAsync() => BlockReader.OpenAsync(_store, "t/b", _headers, CancellationToken.None);

    private async Task PutAsync(string local)
    {
        foreach (var file in Directory.GetFiles(local, "*", SearchOption.AllDirectories))
        {
            await _store.PutAsync($"t/b/{Path.GetRelativePath(local, file)}", await File.ReadAllBytesAsync(file), CancellationToken.None);
        }
    }

    private string Write(int seed)
    {
        var random = new Random(seed);
        var builder = new BlockBuilder();
        var encoder = new SeriesEncoder();
        var samples = new SampleBuffer();
        for (var s = 0; s < Series; s++)
        {
            samples.Clear();
            for (var i = 0; i < 150; i++)
            {
                samples.Add(1_700_000_000_000 + (i * 15_000), random.Next(100) + (seed * 1000));
            }

            encoder.Encode(samples);
            builder.BeginSeries(Labels.Of(("__name__", "metric"), ("s", s.ToString("0000", CultureInfo.InvariantCulture)), ("even", s % 2 == 0 ? "yes" : "no"), ("seed" + new string('x', seed), "v")));
            for (var i = 0; i < encoder.Count; i++)
            {
                var chunk = encoder.ChunkAt(i);
                builder.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data);
            }
        }

        var options = new BlockWriteOptions { Ulid = Ulid.Create(TimeProvider.System.GetUtcNow()) };
        return Path.Combine(_directory.Path, BlockWriter.Write(new LinuxDisk(), _directory.Path, builder, options, CancellationToken.None)!.Ulid);
    }
}
