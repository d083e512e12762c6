using System.Buffers;
using System.Diagnostics;
using Deucalion.Benchmarks.Load;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Head;
using Deucalion.Storage.Merge;

namespace Deucalion.Benchmarks.Stored;

/// <summary>Replay of records, checkpoints, and a block written from the head and read again: the same samples each, one thread.</summary>
internal static class ReplayFigures
{
    private const int Steps = 100;

    public static async Task<List<string>> RunAsync(int series)
    {
        var rows = new List<string>();
        double samples = (double)series * Steps;
        var fleet = new Fleet(series);
        var batches = HeadFigures.BatchesOf(fleet.Series);
        using var resources = new HeadResources(long.MaxValue, poison: false);
        using var head = new RecordedHead(resources, keep: true);
        for (var step = 0; step < Steps; step++)
        {
            HeadFigures.Append(head, fleet, batches, step);
        }

        var logged = head.Records.Sum(static r => (double)r.Payload.Length);
        using (var other = new HeadResources(long.MaxValue, poison: false))
        using (var replayed = new TenantHead(other, 0))
        {
            var seconds = CpuClock.Measure(() => head.Records.ForEach(r => replayed.Apply(r.Kind, r.Payload)));
            Add(rows, "replay of the records", seconds, samples, series, logged);
        }

        head.Records.Clear();
        var checkpoint = new ArrayBufferWriter<byte>(1 << 28);
        var write = CpuClock.Measure(() => head.Head.WriteCheckpoint(checkpoint));
        Add(rows, "checkpoint, written", write, samples, series, checkpoint.WrittenCount);
        using (var other = new HeadResources(long.MaxValue, poison: false))
        {
            var at = 0;
            TenantHead? restored = null;
            var read = CpuClock.Measure(() => restored = TenantHead.ReadCheckpoint(other, 0, destination =>
            {
                var count = Math.Min(destination.Length, checkpoint.WrittenCount - at);
                checkpoint.WrittenSpan.Slice(at, count).CopyTo(destination);
                at += count;
                return count;
            }));
            restored!.Dispose();
            Add(rows, "checkpoint, read", read, samples, series, checkpoint.WrittenCount);
        }

        var directory = Directory.CreateTempSubdirectory("deucalion-benchmark-").FullName;
        try
        {
            head.Cut();
            var clock = Stopwatch.StartNew();
            BlockMeta? meta = null;
            var cpu = CpuClock.Measure(() => meta = BlockWriter.Write(
                new LinuxDisk(), directory, head.Head.SealedWindows()[0].Open(), new BlockWriteOptions { Ulid = Ulid.Create(DateTimeOffset.UnixEpoch) }, CancellationToken.None));
            Console.WriteLine($"block written in {clock.Elapsed.TotalSeconds:F2} s, {cpu:F2} s of CPU");
            var path = Path.Combine(directory, meta!.Ulid);
            var bytes = Servers.Server.SizeOf(path);
            Add(rows, "block, written (fsync included)", cpu, samples, series, bytes);
            using var block = await BlockReader.OpenDirectoryAsync(path, CancellationToken.None);
            BlockSelection? selection = null;
            cpu = CpuClock.Measure(() => selection = block.SelectAsync([], long.MinValue, long.MaxValue, CancellationToken.None).AsTask().GetAwaiter().GetResult());
            Add(rows, "block, all series selected", cpu, samples, series, bytes);
            cpu = CpuClock.Measure(() => Decode(selection!, samples));
            Add(rows, "block, all samples decoded", cpu, samples, series, bytes);
            selection!.Dispose();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        return rows;
    }

    private static void Decode(BlockSelection selection, double samples)
    {
        var merger = new ChunkMerger();
        var buffer = new SampleBuffer();
        double decoded = 0;
        for (var i = 0; i < selection.Count; i++)
        {
            merger.Begin();
            selection.AddTo(merger, i);
            merger.Read(long.MinValue, long.MaxValue, buffer);
            decoded += buffer.Count;
        }

        if (decoded != samples)
        {
            throw new InvalidOperationException($"{decoded} samples in the block, {samples} written");
        }
    }

    private static void Add(List<string> rows, string what, double seconds, double samples, int series, double bytes)
    {
        rows.Add($"| {what} | {seconds:F2} s | {samples / seconds / 1e6:F1} M | {series / seconds / 1e3:F0} k | {bytes / samples:F2} |");
        Console.WriteLine(rows[^1]);
    }
}
