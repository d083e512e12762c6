using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Tests.Chunks;
using global::Testing.Disk;
using Xunit;

namespace Deucalion.Storage.Tests.Blocks;

public sealed class BlockWriterCrashTests
{
    private const string Root = "/data/blocks";

    private static readonly Ulid Id = Ulid.Create(77, new byte[10]);
    private static readonly string Final = Path.Combine(Root, Id.ToString());

    [Fact]
    public void IsWholeOrAbsent_WhenThePowerGoesAtAnyOperation()
    {
        var reference = new SimulatedDisk(0);
        reference.CreateDirectory(Root);
        Write(reference);
        var expected = Content(reference);
        var (whole, absent) = (0, 0);
        for (var operation = 1; ; operation++)
        {
            var completed = false;
            for (var seed = 0; seed < 5; seed++)
            {
                var disk = new SimulatedDisk(seed);
                disk.CreateDirectory(Root);
                disk.SyncDirectory(Root);
                disk.LosePowerAfter(operation);
                try
                {
                    Write(disk);
                    completed = true;
                }
                catch (IOException)
                {
                    completed = false;
                }

                disk.Crash();
                var exists = disk.Exists(Final);
                Assert.True(exists || !completed, $"operation {operation}, seed {seed}: a written block is gone");
                if (exists)
                {
                    Assert.Equal(expected, Content(disk));
                    whole++;
                }
                else
                {
                    // What is left is rubbish under its own name, and the block can be written again.
                    absent++;
                    Write(disk);
                    Assert.Equal(expected, Content(disk));
                }
            }

            if (completed)
            {
                break;
            }
        }

        Assert.True(whole > 0 && absent > 0);
    }

    [Fact]
    public void CatchesTheMutant_WhenFilesAreNotSynced()
    {
        var damaged = false;
        for (var seed = 0; seed < 20 && !damaged; seed++)
        {
            var disk = new SimulatedDisk(seed) { IgnoresSyncs = true };
            disk.CreateDirectory(Root);
            Write(disk);
            var expected = Content(disk);
            disk.Crash();
            damaged = !disk.Exists(Final) || !expected.SequenceEqual(Content(disk));
        }

        Assert.True(damaged);
    }

    private static void Write(SimulatedDisk disk)
    {
        var builder = new BlockBuilder();
        for (var series = 0; series < 20; series++)
        {
            builder.BeginSeries(Labels.Of(("__name__", "m"), ("i", series.ToString("D2", null))));
            var samples = XorChunkTests.RandomSamples(new Random(series), 50);
            builder.AddChunk(ChunkEncoding.Xor, samples[0].Time, samples[^1].Time, XorChunkTests.Encode(samples));
        }

        var options = new BlockWriteOptions { Ulid = Id, SegmentSize = 2000 };
        Assert.NotNull(BlockWriter.Write(disk, Root, builder, options, CancellationToken.None));
    }

    private static List<string> Content(IDisk disk)
    {
        var result = new List<string>();
        foreach (var directory in new[] { Final, Path.Combine(Final, "chunks") })
        {
            foreach (var entry in disk.List(directory).Where(e => !e.IsDirectory))
            {
                var bytes = AtomicFile.Read(disk, Path.Combine(directory, entry.Name))!;
                result.Add($"{entry.Name}: {Convert.ToHexString(bytes)}");
            }
        }

        return result;
    }
}
