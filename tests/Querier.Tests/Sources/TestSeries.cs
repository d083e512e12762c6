using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Xor;

namespace Deucalion.Querier.Tests.Sources;

/// <summary>A series with its samples, as heads and blocks of tests hold it.</summary>
internal sealed record TestSeries(Labels Labels, (long Time, double Value)[] Samples)
{
    public static TestSeries Of(string name, params (long Time, double Value)[] samples) => new(Labels.Of(("__name__", name), ("job", "t")), samples);

    public byte[] Chunk()
    {
        var bytes = new byte[64 + (Samples.Length * XorAppender.MaxSampleSize)];
        var appender = default(XorAppender);
        foreach (var (time, value) in Samples)
        {
            if (!appender.TryAppend(bytes, time, value))
            {
                throw new InvalidOperationException("the chunk is full");
            }
        }

        return bytes[..appender.Length];
    }

    public static ChunkSeriesBatch Batch(params TestSeries[] series)
    {
        var batch = new ChunkSeriesBatch();
        foreach (var one in series)
        {
            batch.BeginSeries(one.Labels);
            var chunk = one.Chunk();
            chunk.CopyTo(batch.AddChunk(ChunkEncoding.Xor, one.Samples[0].Time, one.Samples[^1].Time, chunk.Length));
        }

        return batch;
    }

    /// <summary>Puts a block of the series into the bucket under a new ULID, which it returns.</summary>
    public static async Task<string> PutBlockAsync(MemoryObjectStore store, string tenant, params TestSeries[] series)
    {
        var directory = Directory.CreateTempSubdirectory("deucalion-querier-").FullName;
        try
        {
            var meta = BlockWriter.Write(
                new LinuxDisk(), directory, new Source(series), new BlockWriteOptions { Ulid = Ulid.Create(DateTimeOffset.UtcNow) }, CancellationToken.None)!;
            var root = Path.Combine(directory, meta.Ulid);
            foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
            {
                await store.PutFileAsync($"{tenant}/{meta.Ulid}/{Path.GetRelativePath(root, file)}", file, CancellationToken.None);
            }

            return meta.Ulid;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private sealed class Source : IBlockSource
    {
        private readonly List<TestSeries> _series;
        private readonly List<string> _symbols;
        private int _current = -1;
        private bool _chunkGiven;

        public Source(TestSeries[] series)
        {
            _series = [.. series.OrderBy(s => s.Labels)];
            _symbols = [.. _series.SelectMany(s => s.Labels.Pairs.ToArray()).Append(string.Empty).Distinct().Order(Comparer<string>.Create(Utf8Order.Compare))];
            Symbols = _symbols.ConvertAll(s => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s));
        }

        public IReadOnlyList<ReadOnlyMemory<byte>> Symbols { get; }

        public ReadOnlySpan<uint> Labels => Array.ConvertAll(_series[_current].Labels.Pairs.ToArray(), s => (uint)_symbols.IndexOf(s));

        public bool NextSeries()
        {
            _chunkGiven = false;
            return ++_current < _series.Count;
        }

        public bool NextChunk(out BlockChunk chunk)
        {
            chunk = default;
            if (_chunkGiven)
            {
                return false;
            }

            _chunkGiven = true;
            var samples = _series[_current].Samples;
            chunk = new BlockChunk(ChunkEncoding.Xor, samples[0].Time, samples[^1].Time, _series[_current].Chunk());
            return true;
        }
    }
}
