using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Xunit;

namespace Common.Tests.Log;

/// <summary>Whatever a segment or the released file holds: opening reports or cuts, and fails only with the errors it names.</summary>
public sealed class JournalFuzz
{
    [Fact]
    public async Task OpensOrFailsTyped_WhateverASegmentHolds()
    {
        using var source = new JournalFixture(1);
        using (var journal = source.Open(segmentBytes: 1500))
        {
            var random = new Random(1);
            for (var seq = 1; seq <= 12; seq++)
            {
                await JournalFixture.AppendAsync(journal, seq % 2, 1, (seq + 1) / 2, new byte[random.Next(300)]);
            }
        }

        var segments = JournalFixture.Segments(source.Disk)
            .Select(name => (Name: name, Bytes: AtomicFile.Read(source.Disk, Path.Combine(JournalFixture.Directory, name))!)).ToList();
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            using var fuzzed = new JournalFixture(seed);
            fuzzed.Disk.CreateDirectory(JournalFixture.Directory);
            foreach (var (name, bytes) in segments)
            {
                using var file = fuzzed.Disk.Create(Path.Combine(JournalFixture.Directory, name));
                file.Append(Mutate(random, bytes));
            }

            try
            {
                using (var journal = fuzzed.Open())
                {
                    JournalFixture.ReadAll(journal);
                    await JournalFixture.AppendAsync(journal, 1, 9, 100, [1]);
                }

                using var again = fuzzed.Open();
                Assert.Equal(0, again.Recovery.TornBytes);
                Assert.Contains(JournalFixture.ReadAll(again), static record => record.Term == 9);
            }
            catch (Exception exception) when (exception is LogCorruptException or NotSupportedException)
            {
            }
        }
    }

    [Fact]
    public void ReleasedFile_IsReadOrRefused()
    {
        using var fixture = new JournalFixture(1);
        fixture.Disk.CreateDirectory("/d");
        ReleasedFile.Write(
            fixture.Disk, "/d/released", new ReleasedFile { JournalId = 5, FirstSegment = 3, Released = new Dictionary<int, long> { [1] = 10, [2] = 20 } });
        var bytes = AtomicFile.Read(fixture.Disk, "/d/released")!;
        var read = ReleasedFile.Parse(bytes)!;
        Assert.Equal((UInt128)5, read.JournalId);
        Assert.Equal(3, read.FirstSegment);
        Assert.Equal(20, read.Released[2]);
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            Assert.Null(ReleasedFile.Parse(damaged));
            _ = ReleasedFile.Parse(bytes.AsSpan(0, random.Next(bytes.Length)));
            BinaryPrimitives.WriteInt32LittleEndian(damaged.AsSpan(12), random.Next());
            BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(damaged.Length - 4), Crc32C.Compute(damaged.AsSpan(0, damaged.Length - 4)));
            Assert.Null(ReleasedFile.Parse(damaged));
        }
    }

    private static byte[] Mutate(Random random, byte[] valid)
    {
        var bytes = valid.ToArray();
        if (random.Next(2) == 0)
        {
            return bytes;
        }

        for (var i = random.Next(1, 6); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        // A checksum made right lets wrong fields through to what comes behind it.
        if (random.Next(3) == 0 && bytes.Length > 112)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(64 + (random.Next(2, 9) * 4)), random.Next(4) == 0 ? random.Next() : random.Next(600));
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(64 + 24));
            if (length >= 0 && length <= bytes.Length - 112)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(64 + 36), Crc32C.Compute(bytes.AsSpan(112, length)));
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(64 + 44), Crc32C.Compute(bytes.AsSpan(64, 44)));
        }

        return random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
