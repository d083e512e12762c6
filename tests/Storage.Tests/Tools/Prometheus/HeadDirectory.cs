using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;
using Deucalion.Common.Samples;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Blocks;
using Deucalion.Storage.Tools;
using Deucalion.Storage.Tools.Prometheus;

namespace Deucalion.Storage.Tests.Tools.Prometheus;

/// <summary>A data directory of Prometheus made by a test, and what is read from it.</summary>
internal sealed class HeadDirectory : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public string Path => _directory.Path;

    public void Dispose() => _directory.Dispose();

    public HeadDirectory Segment(string name, Action<WalWriter> write)
    {
        var writer = new WalWriter();
        write(writer);
        writer.Save(System.IO.Path.Combine(Path, name));
        return this;
    }

    /// <summary>Writes a file of mapped chunks of floats; a negative length cuts the file within the last.</summary>
    public HeadDirectory Chunks(string name, int cut, params (ulong Reference, bool IsLate, (long Time, double Value)[] Samples)[] chunks)
    {
        var file = new List<byte> { 0x01, 0x30, 0xBC, 0x91, 1, 0, 0, 0 };
        foreach (var (reference, isLate, samples) in chunks)
        {
            var buffer = new SampleBuffer();
            foreach (var (time, value) in samples)
            {
                buffer.Add(time, value);
            }

            var encoder = new SeriesEncoder();
            encoder.Encode(buffer);
            var data = encoder.ChunkAt(0).Data;
            var chunk = new List<byte>(new WalRecord(0).Number(reference).Number((ulong)samples[0].Time).Number((ulong)samples[^1].Time)
                .Byte((byte)(1 | (isLate ? 0x80 : 0))).Uvarint((ulong)data.Length).ToArray().Skip(1));
            chunk.AddRange(data);
            var checksum = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32C.Compute(chunk.ToArray()));
            chunk.AddRange(checksum);
            file.AddRange(chunk);
        }

        if (cut > 0)
        {
            file.RemoveRange(file.Count - cut, cut);
        }

        file.AddRange(new byte[1000]);
        var path = System.IO.Path.Combine(Path, "chunks_head", name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [.. file]);
        return this;
    }

    public PrometheusHead Load(long minTime = long.MinValue) => PrometheusHead.Load(Path, minTime, CancellationToken.None);

    /// <summary>Writes the head as blocks and dumps them: a line for each sample; the dump of the head itself must be the same.</summary>
    public async Task<IReadOnlyList<string>> DumpAsync(long minTime = long.MinValue)
    {
        var head = Load(minTime);
        var blocks = head.WriteBlocks(new LinuxDisk(), System.IO.Path.Combine(Path, "blocks"), TimeProvider.System, CancellationToken.None);
        foreach (var block in blocks)
        {
            Xunit.Assert.Empty(await Storage.Blocks.BlockVerifier.VerifyDirectoryAsync(block.Directory, CancellationToken.None));
        }

        var fromBlocks = await LinesAsync(blocks, null);
        Xunit.Assert.Equal(fromBlocks, await LinesAsync([], head));
        Directory.Delete(System.IO.Path.Combine(Path, "blocks"), true);
        return fromBlocks;
    }

    private static async Task<IReadOnlyList<string>> LinesAsync(IReadOnlyList<DatabaseBlock> blocks, PrometheusHead? head)
    {
        using var dump = new StringWriter();
        await new SampleDump(dump).WriteAsync(blocks, head, [], long.MinValue, long.MaxValue, CancellationToken.None);
        return dump.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
