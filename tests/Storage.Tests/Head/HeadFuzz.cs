using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Head;
using Deucalion.Storage.Tests.Chunks;
using Xunit;

namespace Deucalion.Storage.Tests.Head;

/// <summary>Damaged records and checkpoints: whatever the bytes are, nothing but <see cref="HeadFormatException"/> may come out.</summary>
public sealed class HeadFuzz
{
    private const long Start = 1_700_006_400_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RefusesDamagedRecords_WithATypedError(int seed)
    {
        var random = new Random(seed);
        using var harness = Filled();
        var checkpoint = harness.Checkpoint();
        var records = harness.Committed.ToList();
        var refused = 0;
        for (var i = 0; i < 600; i++)
        {
            using var head = harness.Restore(checkpoint);
            var (kind, payload) = records[random.Next(records.Count)];
            var damaged = Damage(payload, random);
            kind = random.Next(20) == 0 ? (RecordKind)random.Next(256) : kind;
            try
            {
                head.Apply(kind, damaged);
                HeadHarness.Checkpoint(head);
                head.Status(10);
            }
            catch (HeadFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 600);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void RefusesDamagedCheckpoints_WithATypedError(int seed)
    {
        var random = new Random(seed);
        using var harness = Filled();
        var checkpoint = harness.Checkpoint();
        var refused = 0;
        for (var i = 0; i < 1000; i++)
        {
            try
            {
                using var head = harness.Restore(Damage(checkpoint, random));
                try
                {
                    harness.Restore(HeadHarness.Checkpoint(head)).Dispose();
                    HeadHarness.Read(head, [], long.MinValue, long.MaxValue);
                }
                catch (Exception e) when (e is CorruptChunkException or ArgumentException or Xunit.Sdk.XunitException)
                {
                    // Chunk bytes and texts are not looked into: the file that holds the checkpoint has checksums.
                }
            }
            catch (HeadFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 1000);
    }

    [Fact]
    public void RefusesEveryTruncatedCheckpoint_WithATypedError()
    {
        using var harness = Filled();
        var checkpoint = harness.Checkpoint();
        for (var length = 0; length < checkpoint.Length; length += 3)
        {
            Assert.Throws<HeadFormatException>(() => harness.Restore(checkpoint[..length]));
        }
    }

    private static HeadHarness Filled()
    {
        var harness = new HeadHarness();
        var random = new Random(9);
        for (var i = 0; i < 40; i++)
        {
            for (var s = 0; s < 5; s++)
            {
                var labels = Labels.Of(("__name__", "m"), ("id", s.ToString()));
                harness.Write((labels, Start + (i * 400_000L) - (random.Next(3) * 500_000L), random.Next(4) == 0 ? random.NextDouble() : i));
            }
        }

        foreach (var isFloat in new[] { false, true })
        {
            var labels = Labels.Of(("__name__", "h"), ("float", isFloat.ToString()));
            var time = Start;
            foreach (var sample in HistogramRoundTripTests.RandomSamples(random, 60, isFloat))
            {
                time += 100_000;
                harness.Stage(time, [new HeadSample(labels, random.Next(5) == 0 ? time - 300_000 : time, 0, sample.Histogram, isFloat ? Start : 0)]);
                harness.Stage(time, [new HeadSample(Labels.Of(("__name__", "s")), time, time, null, Start - random.Next(3))]);
                harness.StageExemplars(time, (labels, time, 1, "t" + time));
                harness.CommitAll();
            }
        }

        harness.StageMetadata("m", 1, "help", "unit");
        harness.Head.StageCut(harness.OpenWindows()[0], harness);
        harness.CommitAll();
        harness.Head.StageTruncate(harness.Head.SealedWindows()[0].Generation, "01H", Start, harness);
        harness.CommitAll();
        return harness;
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var n = random.Next(1, 4); n > 0 && damaged.Count > 0; n--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(5))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 2:
                    damaged.RemoveRange(at, random.Next(damaged.Count - at));
                    break;
                case 3:
                    damaged.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    damaged[at] = 0xff;
                    break;
            }
        }

        return [.. damaged];
    }
}
