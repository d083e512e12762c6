using System.Text;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Bucket;
using Xunit;

namespace Replication.Tests.Coordination.Bucket;

public sealed class BucketDocumentTests
{
    [Fact]
    public void IsReadAsItWasWritten()
    {
        var first = BucketDocument.Of("value"u8.ToArray(), []);
        var read = BucketDocument.Decode("k", first.Encode());
        Assert.Equal((first.Name, false, "value"), (read.Name, read.IsTombstone, Encoding.UTF8.GetString(read.Value.Span)));
        Assert.Empty(read.History);

        var deletion = BucketDocument.Tombstone(DateTimeOffset.FromUnixTimeMilliseconds(1234567), first.HistoryOfNext());
        read = BucketDocument.Decode("k", deletion.Encode());
        Assert.Equal((deletion.Name, true, 1234567), (read.Name, read.IsTombstone, read.DeletedAt.ToUnixTimeMilliseconds()));
        Assert.Equal([first.Name], read.History);
    }

    [Fact]
    public void RemembersTheLastWritesBeforeIt()
    {
        var names = new List<WriteName>();
        var document = BucketDocument.Of(default, []);
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal(names.TakeLast(BucketDocument.LongestHistory).Reverse(), document.History);
            names.Add(document.Name);
            document = BucketDocument.Decode("k", BucketDocument.Of(default, document.HistoryOfNext()).Encode());
        }
    }

    [Fact]
    public void HasTheBytesThatTheFormatSays()
    {
        var document = new BucketDocument(new WriteName(1), [new WriteName(UInt128.MaxValue)], false, "{}"u8.ToArray());
        Assert.Equal(
            "444555434F424A31" + "01000000000000000000000000000000" + "02000000" + "01000000" + "21918311" + "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" + "7B7D",
            Convert.ToHexString(document.Encode()));
    }

    [Fact]
    public void DiffersFromEveryOther_WhenTheValueIsTheSame() =>
        Assert.Equal(100, Enumerable.Range(0, 100).Select(static _ => Convert.ToHexString(BucketDocument.Of("same"u8.ToArray(), []).Encode())).Distinct().Count());

    [Fact]
    public void ARevisionIsReadAsItWasWritten()
    {
        var revision = new BucketRevision(WriteName.New(), "\"odd.tag\"");
        Assert.Equal(revision, BucketRevision.Parse(revision.ToString()));
        Assert.All((string[])["", "x", "0123.", new string('g', 32) + ".1", new string('0', 33)], static text => Assert.True(BucketRevision.Parse(text).IsGone));
    }
}

public sealed class BucketDocumentFuzz
{
    [Fact]
    public void FailsAsItShould_WhateverTheBytesAre()
    {
        var good = BucketDocument.Of("some value"u8.ToArray(), [WriteName.New(), WriteName.New()]).Encode();
        var tombstone = BucketDocument.Tombstone(DateTimeOffset.UnixEpoch, [WriteName.New()]).Encode();
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var bytes = (random.Next(2) == 0 ? good : tombstone).ToArray();
            switch (random.Next(4))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
                    break;
                case 1:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 2:
                    bytes = [.. bytes, (byte)random.Next(256)];
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                    break;
            }

            Assert.Throws<CoordinationException>(() => BucketDocument.Decode("k", bytes));
        }
    }

    [Fact]
    public void FailsAsItShould_WhateverTheJsonIs()
    {
        var lease = new LeaseDocument("owner", 7) { Session = "s" }.Serialize();
        var session = new SessionDocument(1, 30_000, Ended: false).Serialize();
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            Check(lease, random, static bytes => LeaseDocument.Parse(bytes));
            Check(session, random, static bytes => SessionDocument.Parse(bytes));
        }

        static void Check(byte[] json, Random random, Action<byte[]> parse)
        {
            var bytes = json.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"{}[]\":,0-e"[random.Next(10)];
            }

            try
            {
                parse(bytes);
            }
            catch (CoordinationException)
            {
            }
        }
    }
}
