using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Testing.Disk;
using Xunit;

namespace Common.Tests.Log;

public sealed class CheckpointTests
{
    private const string Path = "/data/p/checkpoint";

    private static readonly CheckpointHeader Header = new(new PartitionId(7), 3, 99, 0xABCD, UInt128.MaxValue - 5);

    private readonly SimulatedDisk _disk = new(1);

    [Fact]
    public void ReadsBackSections_OfAnyLength()
    {
        var random = new Random(1);
        var sections = new List<(uint Id, byte[] Bytes)>();
        using (var writer = new CheckpointWriter(_disk, Path, Header))
        {
            for (var i = 0; i < 20; i++)
            {
                var bytes = new byte[i == 3 ? 3_000_000 : random.Next(1, 2000)];
                random.NextBytes(bytes);
                sections.Add(((uint)(i % 2), bytes));
                writer.BeginSection((uint)(i % 2));
                for (var offset = 0; offset < bytes.Length;)
                {
                    var count = Math.Min(random.Next(1, 400_000), bytes.Length - offset);
                    if (random.Next(2) == 0)
                    {
                        bytes.AsSpan(offset, count).CopyTo(writer.GetSpan(count));
                        writer.Advance(count);
                    }
                    else
                    {
                        writer.Write(bytes.AsSpan(offset, count));
                    }

                    offset += count;
                }
            }

            writer.Commit();
        }

        using var reader = CheckpointReader.Open(_disk, Path)!;
        Assert.Equal(Header, reader.Header);
        foreach (var (id, expected) in sections)
        {
            Assert.True(reader.NextSection());
            Assert.Equal(id, reader.Section);
            if (random.Next(4) == 0)
            {
                continue;
            }

            var bytes = new byte[expected.Length];
            reader.ReadExactly(bytes);
            Assert.Equal(expected, bytes);
            Assert.Equal(0, reader.Read(new byte[1]));
        }

        Assert.False(reader.NextSection());
        Assert.False(reader.NextSection());
    }

    [Fact]
    public void IsAbsent_OrTheFormerOne_UntilCommitted()
    {
        Assert.Null(CheckpointReader.Open(_disk, Path));
        Write(_disk, [1]);
        using (var writer = new CheckpointWriter(_disk, Path, Header))
        {
            writer.BeginSection(1);
            writer.Write(new byte[10]);
        }

        Assert.Equal([1], ReadAll(_disk));
        Assert.Single(_disk.List("/data/p"));
    }

    [Fact]
    public void IsTheOldOrTheNewOne_AtAnyPowerLoss()
    {
        var outcomes = new HashSet<byte>();
        for (var seed = 0; seed < 300; seed++)
        {
            var disk = new SimulatedDisk(seed);
            Write(disk, [1]);
            disk.LosePowerAfter(new Random(seed).Next(1, 12));
            var committed = false;
            try
            {
                Write(disk, [2]);
                committed = true;
            }
            catch (IOException)
            {
            }

            disk.Crash();
            var found = ReadAll(disk)[0];
            Assert.True(found == 2 || (!committed && found == 1), $"seed {seed}");
            outcomes.Add(found);
        }

        Assert.Equal(2, outcomes.Count);
    }

    [Fact]
    public void NoticesEveryFlippedByte_AndEveryMissingEnd()
    {
        Write(_disk, [.. Enumerable.Range(0, 300).Select(static i => (byte)i)]);
        var bytes = AtomicFile.Read(_disk, Path)!;
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x10;
            Assert.Throws<LogCorruptException>(() => ReadAll(Put(damaged)));
            Assert.Throws<LogCorruptException>(() => ReadAll(Put(bytes[..at])));
        }
    }

    [Fact]
    public void FailsOnlyWithTypedErrors_WhateverTheBytes()
    {
        var random = new Random(5);
        Write(_disk, new byte[2000]);
        var valid = AtomicFile.Read(_disk, Path)!;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = valid.ToArray();
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (random.Next(2) == 0)
            {
                // Let the header be right, so that the blocks are reached.
                valid.AsSpan(0, 64).CopyTo(bytes);
            }

            try
            {
                ReadAll(Put(bytes[..random.Next(bytes.Length + 1)]));
            }
            catch (Exception exception) when (exception is LogCorruptException or NotSupportedException)
            {
            }
        }
    }

    private static SimulatedDisk Put(byte[] bytes)
    {
        var disk = new SimulatedDisk(1);
        disk.CreateDirectory("/data/p");
        using var file = disk.Create(Path);
        file.Append(bytes);
        return disk;
    }

    private static void Write(SimulatedDisk disk, byte[] bytes)
    {
        using var writer = new CheckpointWriter(disk, Path, Header);
        writer.BeginSection(4);
        writer.Write(bytes);
        writer.Commit();
    }

    private static byte[] ReadAll(SimulatedDisk disk)
    {
        using var reader = CheckpointReader.Open(disk, Path)!;
        var result = new MemoryStream();
        while (reader.NextSection())
        {
            while (reader.Peek() is { IsEmpty: false } bytes)
            {
                result.Write(bytes);
                reader.Consume(bytes.Length);
            }
        }

        return result.ToArray();
    }
}
