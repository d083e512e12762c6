using Deucalion.Storage.Tests.Blocks;
using Deucalion.Storage.Tools.Prometheus;
using Xunit;

namespace Deucalion.Storage.Tests.Tools.Prometheus;

public sealed class WalReaderTests
{
    [Fact]
    public void ReadsAFragment_WhenItIsTheExample()
    {
        var records = Read(Convert.FromHexString("01001ce213770301000000000000000102085f5f6e616d655f5f027570036a6f620161" + "010025596241d602000000000000000100000000000003e800003ff0000000000000021e4000000000000000"), false);
        Assert.Equal([28, 37], records.Select(static r => r.Length));
    }

    [Fact]
    public void ReadsRecordsOfEverySize_WhenTheyCrossPages()
    {
        var random = new Random(3);
        var expected = new List<byte[]>();
        var writer = new WalWriter();
        foreach (var length in new[] { 1, 5, 32_000, 32_761 - 20, 40_000, 1, 200_000, 32_761, 32_762, 7, 100_000 })
        {
            var record = new byte[length];
            random.NextBytes(record);
            record.AsSpan(length / 2).Clear();
            expected.Add(record);
            writer.Add(record, length % 2 == 0);
        }

        Assert.Equal(expected, Read(writer.ToArray(), false));
    }

    [Fact]
    public void CutsTheEnd_WhenTheLastSegmentIsTorn()
    {
        var whole = new WalWriter().Add(new byte[100]).Add([.. Enumerable.Range(0, 70_000).Select(static i => (byte)i)]).ToArray();
        for (var length = 108; length < whole.Length; length += 997)
        {
            Assert.Single(Read(whole[..length], true, out var torn));
            Assert.Equal(length - 107, torn);
            Assert.Throws<WalException>(() => Read(whole[..length], false));

            // Space that was given to the file and never written to.
            var padded = new byte[whole.Length + 50_000];
            whole.AsSpan(0, length).CopyTo(padded);
            Assert.Single(Read(padded, true, out torn));
            Assert.True(torn > 0);
        }
    }

    [Fact]
    public void NamesSegmentAndOffset_WhenSomethingFollowsTheDamage()
    {
        var segment = new WalWriter().Add(new byte[100]).Add(new byte[60]).Add(new byte[50]).ToArray();
        segment[107 + 20] ^= 1;
        foreach (var isLast in new[] { false, true })
        {
            var error = Assert.Throws<WalException>(() => Read(segment, isLast));
            Assert.Contains("00000007: offset 107: the checksum of a fragment does not match", error.Message, StringComparison.Ordinal);
        }

        var order = new WalWriter().Fragments(new byte[10], 2).Add([1]).ToArray();
        Assert.Contains("does not belong here", Assert.Throws<WalException>(() => Read(order, false)).Message, StringComparison.Ordinal);
        var padding = new WalWriter().Add(new byte[10]).ToArray();
        Assert.Contains("the rest of the page is not empty", Assert.Throws<WalException>(() => Read([.. padding, 0, 1, 1], false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaysWhatToDo_WhenARecordIsCompressedWithZstd()
    {
        var error = Assert.Throws<WalException>(() => Read(new WalWriter().Fragments([1, 2, 3], 16).ToArray(), true));
        Assert.Contains("zstd", error.Message, StringComparison.Ordinal);
        Assert.Contains("--storage.tsdb.wal-compression-type=snappy", error.Message, StringComparison.Ordinal);
        Assert.Throws<WalException>(() => Read(new WalWriter().Fragments([0xff, 0xff, 0xff, 0x7f, 3], 8).ToArray(), true));
    }

    private static List<byte[]> Read(byte[] segment, bool isLast) => Read(segment, isLast, out _);

    private static List<byte[]> Read(byte[] segment, bool isLast, out long torn)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "00000007");
        File.WriteAllBytes(path, segment);
        using var reader = new WalReader(path, isLast);
        var records = new List<byte[]>();
        while (reader.Next())
        {
            records.Add(reader.Record.ToArray());
        }

        torn = reader.TornBytes;
        return records;
    }
}
