using System.Runtime.InteropServices;
using Deucalion.Common.IO;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Index;

namespace Deucalion.Storage.Blocks;

/// <summary>Writes a block as a directory. It appears under its name only when it is complete and durable.</summary>
public static class BlockWriter
{
    /// <summary>Ending of the directory's name while the block is being written; such a directory is rubbish after a restart.</summary>
    public const string TemporarySuffix = ".tmp-for-creation";

    /// <summary>
    /// Writes the block <c>directory/ULID</c>. Returns its meta data, or null, and leaves nothing, where the source has no samples. Series
    /// or chunks out of order are <see cref="InvalidOperationException"/>.
    /// </summary>
    public static BlockMeta? Write(
        IDisk disk, string directory, IBlockSource source, BlockWriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.SegmentSize, uint.MaxValue);
        var final = Path.Combine(directory, options.Ulid.ToString());
        var temporary = final + TemporarySuffix;
        disk.DeleteDirectory(temporary);
        disk.CreateDirectory(Path.Combine(temporary, BlockFiles.ChunksDirectory));
        var complete = false;
        try
        {
            var meta = WriteFiles(disk, temporary, source, options, cancellationToken);
            if (meta is null)
            {
                return null;
            }

            disk.SyncDirectory(Path.Combine(temporary, BlockFiles.ChunksDirectory));
            disk.SyncDirectory(temporary);
            disk.Rename(temporary, final);
            complete = true;
            disk.SyncDirectory(directory);
            return meta;
        }
        finally
        {
            if (!complete)
            {
                disk.DeleteDirectory(temporary);
            }
        }
    }

    private static BlockMeta? WriteFiles(
        IDisk disk, string directory, IBlockSource source, BlockWriteOptions options, CancellationToken cancellationToken)
    {
        var counts = new Counts();
        using (var segments = new ChunkSegmentWriter(disk, Path.Combine(directory, BlockFiles.ChunksDirectory), options.SegmentSize))
        using (var index = new IndexWriter(disk, Path.Combine(directory, BlockFiles.Index), source.Symbols))
        {
            var chunks = new List<ChunkMeta>();
            while (source.NextSeries())
            {
                cancellationToken.ThrowIfCancellationRequested();
                chunks.Clear();
                while (source.NextChunk(out var chunk))
                {
                    counts.Add(chunk);
                    chunks.Add(new ChunkMeta(segments.Write(chunk.Encoding, chunk.Data), chunk.MinTime, chunk.MaxTime));
                }

                if (chunks.Count > 0)
                {
                    index.Add(source.Labels, CollectionsMarshal.AsSpan(chunks));
                }
            }

            if (index.SeriesCount == 0)
            {
                return null;
            }

            counts.Series = index.SeriesCount;
            segments.Complete();
            index.Complete();
        }

        var meta = Meta(counts, options);
        using var file = new DiskWriter(disk.Create(Path.Combine(directory, BlockMeta.FileName)));
        file.Write(meta.ToJson());
        file.Complete();
        return meta;
    }

    private static BlockMeta Meta(Counts counts, BlockWriteOptions options)
    {
        var ulid = options.Ulid.ToString();
        return new BlockMeta
        {
            Ulid = ulid,
            MinTime = options.MinTime ?? counts.MinTime,
            MaxTime = options.MaxTime ?? counts.MaxTime + 1,
            Stats = new BlockStats
            {
                NumSamples = counts.Floats + counts.Histograms,
                NumFloatSamples = counts.Floats,
                NumHistogramSamples = counts.Histograms,
                NumSeries = counts.Series,
                NumChunks = counts.Chunks,
            },
            Compaction = new BlockCompaction
            {
                Level = options.Level,
                Sources = options.Sources.Count > 0 ? options.Sources : [ulid],
                Parents = options.Parents.Count > 0 ? options.Parents : null,
            },
            Deucalion = options.Extension,
        };
    }

    private sealed class Counts
    {
        public long MinTime { get; private set; } = long.MaxValue;

        public long MaxTime { get; private set; } = long.MinValue;

        public long Chunks { get; private set; }

        public long Floats { get; private set; }

        public long Histograms { get; private set; }

        public long Series { get; set; }

        public void Add(in BlockChunk chunk)
        {
            if (chunk.Data.Length < 2)
            {
                throw new InvalidOperationException("a chunk is shorter than its header");
            }

            Chunks++;
            MinTime = Math.Min(MinTime, chunk.MinTime);
            MaxTime = Math.Max(MaxTime, chunk.MaxTime);
            var samples = ChunkEncoding.SampleCount(chunk.Encoding, chunk.Data);
            if (ChunkEncoding.IsHistogram(chunk.Encoding))
            {
                Histograms += samples;
            }
            else
            {
                Floats += samples;
            }
        }
    }
}
