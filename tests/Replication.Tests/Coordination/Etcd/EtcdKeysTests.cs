using System.Text;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Etcd;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Google.Protobuf;
using Xunit;

namespace Replication.Tests.Coordination.Etcd;

public sealed class EtcdKeysTests
{
    [Theory]
    [InlineData("a/", "p/", "a/p/", "a/p0")]
    [InlineData("a/", "", "a/", "a0")]
    [InlineData("", "z", "z", "{")]
    [InlineData("", "", "\0", "\0")]
    public void ARangeHoldsExactlyThePrefix(string root, string prefix, string start, string end)
    {
        var range = new EtcdKeys(root).Range(prefix);

        Assert.Equal((start, end), (range.Start.ToStringUtf8(), range.End.ToStringUtf8()));
    }

    [Fact]
    public void ARangeHoldsOnlyThePrefix_WhenItIsNotAscii()
    {
        var (start, end) = new EtcdKeys("r/").Range("\u00FF");

        Assert.True(start.Span.SequenceCompareTo(Encoding.UTF8.GetBytes("r/\u00FFx")) < 0);
        Assert.True(end.Span.SequenceCompareTo(Encoding.UTF8.GetBytes("r/\u00FFx")) > 0);
    }

    [Theory]
    [InlineData("no-slash")]
    [InlineData("bl ank/")]
    [InlineData("\u00E4/")]
    public void APrefixIsRefused_WhenItIsNone(string root) => Assert.Throws<ArgumentException>(() => new EtcdKeys(root));

    [Fact]
    public void AKeyComesBackWithoutItsPrefix()
    {
        var keys = new EtcdKeys("deucalion/");
        var pair = new KeyValue { Key = keys.Key("a/b"), Value = ByteString.CopyFromUtf8("v"), ModRevision = 7 };

        Assert.Equal("deucalion/a/b", pair.Key.ToStringUtf8());
        var entry = keys.EntryOf(pair);
        Assert.Equal(("a/b", "7", "v"), (entry.Key, entry.Revision, Encoding.UTF8.GetString(entry.Value.Span)));
        Assert.Throws<CoordinationException>(() => keys.NameOf(new KeyValue { Key = ByteString.CopyFromUtf8("other") }));
    }
}
