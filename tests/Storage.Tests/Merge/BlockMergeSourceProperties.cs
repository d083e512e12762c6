using Deucalion.Common.IO;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Blocks;
using Xunit;

namespace Deucalion.Storage.Tests.Merge;

public sealed class BlockMergeSourceProperties
{
    private readonly Dictionary<string, byte[]> _originals = [];

    [Fact]
    public async Task HoldsWhatAPlainTableHolds_WhenBlocksAreRandom()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            using var directory = new TemporaryDirectory();
            var paths = await RandomAsync(seed, directory.Path);
            var expected = await SampleModel.OfAsync(paths);
            var (merged, _) = await MergeAsync(paths, directory.Path, 1);
            if (merged is null)
            {
                Assert.True(expected.Count == 0, $"seed {seed}");
                continue;
            }

            Assert.Empty(await BlockVerifier.VerifyDirectoryAsync(merged, CancellationToken.None));
            SampleModel.Equal(expected, await SampleModel.OfAsync([merged]));
            await HintsAreTrueAsync(merged);
        }
    }

    [Fact]
    public async Task ChangesNoByte_WhenWhatItMadeIsMergedAgain_AlsoWithACopyOfItself()
    {
        using var directory = new TemporaryDirectory();
        var (merged, _) = await MergeAsync(await RandomAsync(7, directory.Path), directory.Path, 1);
        var (again, copied) = await MergeAsync([merged!, merged!, merged!], directory.Path, 2);
        foreach (var file in (string[])["index", "chunks/000001"])
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(merged!, file)), await File.ReadAllBytesAsync(Path.Combine(again!, file)));
        }

        using var block = await BlockReader.OpenDirectoryAsync(again!, CancellationToken.None);
        Assert.Equal(block.Meta.Stats.NumChunks, copied);
    }

    [Fact]
    public async Task MergesBlocksOfPrometheus_OfAllVersionsOfTheIndex()
    {
        using var directory = new TemporaryDirectory();
        string[] paths = [VectorBlocks.Directory("index_format_v1"), VectorBlocks.Block("small"), VectorBlocks.Block("many")];
        var (merged, _) = await MergeAsync(paths, directory.Path, 1);
        Assert.Empty(await BlockVerifier.VerifyDirectoryAsync(merged!, CancellationToken.None));
        SampleModel.Equal(await SampleModel.OfAsync(paths), await SampleModel.OfAsync([merged!]));
    }

    [Fact]
    public async Task ThrowsTypedErrorsOnly_WhenASourceIsDamaged()
    {
        using var directory = new TemporaryDirectory();
        var paths = await RandomAsync(3, directory.Path);
        var random = new Random(11);
        var failed = 0;
        for (var i = 0; i < 150; i++)
        {
            var path = Path.Combine(paths[random.Next(paths.Count)], random.Next(2) == 0 ? "index" : "chunks/000001");
            var bytes = await File.ReadAllBytesAsync(path);
            var at = random.Next(bytes.Length);
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, bytes);
            try
            {
                await MergeAsync(paths, directory.Path, 1 + i);
            }
            catch (Exception e) when (e is CorruptBlockException or CorruptChunkException)
            {
                failed++;
            }

            await File.WriteAllBytesAsync(path, _originals[path]);
        }

        // Bits of the postings do not matter to a merge.
        Assert.True(failed > 60, $"{failed}");
    }

    private async Task<List<string>> RandomAsync(int seed, string directory)
    {
        var random = new Random(seed);
        var paths = new List<string>();
        for (var number = random.Next(1, 5); number > 0; number--)
        {
            if (await RandomBlocks.WriteAsync(random, directory, (10 * seed) + number) is { } path)
            {
                paths.Add(path);
            }
        }

        foreach (var path in paths.SelectMany(static x => (string[])[Path.Combine(x, "index"), Path.Combine(x, "chunks/000001")]))
        {
            _originals[path] = await File.ReadAllBytesAsync(path);
        }

        return paths;
    }

    private static async Task<(string? Path, long Copied)> MergeAsync(IReadOnlyList<string> paths, string directory, int number)
    {
        var blocks = new List<BlockReader>();
        try
        {
            foreach (var path in paths)
            {
                blocks.Add(await BlockReader.OpenDirectoryAsync(path, CancellationToken.None));
            }

            using var source = await BlockMergeSource.OpenAsync(blocks, CancellationToken.None);
            var options = new BlockWriteOptions { Ulid = Ulid.Create(1_000_000 + number, new byte[10]) };
            var meta = BlockWriter.Write(new LinuxDisk(), directory, source, options, CancellationToken.None);
            return (meta is null ? null : Path.Combine(directory, meta.Ulid), source.CopiedChunks);
        }
        finally
        {
            blocks.ForEach(static x => x.Dispose());
        }
    }

    // What a chunk says of resets must hold: a query that believes it must see what one that compares would see.
    private static async Task HintsAreTrueAsync(string path)
    {
        using var block = await BlockReader.OpenDirectoryAsync(path, CancellationToken.None);
        using var selection = await block.SelectAsync([], long.MinValue, long.MaxValue, CancellationToken.None);
        var (merger, samples) = (new ChunkMerger(), new SampleBuffer());
        for (var series = 0; series < selection.Count; series++)
        {
            merger.Begin();
            selection.AddTo(merger, series);
            merger.Read(long.MinValue, long.MaxValue, samples);
            for (var i = 1; i < samples.Histograms.Length; i++)
            {
                var (previous, current) = (samples.Histograms[i - 1].Histogram, samples.Histograms[i].Histogram);
                if (current.CounterResetHint == CounterResetHint.NotCounterReset && !SpecialValues.IsStaleNaN(current.Sum) && !SpecialValues.IsStaleNaN(previous.Sum))
                {
                    Assert.False(HistogramComparison.DetectReset(current.WithHint(CounterResetHint.Unknown), previous), $"series {series} at {samples.Histograms[i].Time}");
                }
            }
        }
    }
}
