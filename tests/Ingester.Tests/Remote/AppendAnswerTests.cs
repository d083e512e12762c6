using Deucalion.Common.Contracts.V1;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Remote;
using Deucalion.Replication.Coordination;
using Google.Protobuf;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class AppendAnswerTests
{
    private static readonly PartitionEntry Entry = new()
    {
        Term = 7,
        Version = 12,
        ReplicationFactor = 3,
        MinInSync = 2,
        Primary = new string('a', 32),
        InSync = [new ReplicaRef(new string('a', 32), new string('1', 32)), new ReplicaRef(new string('b', 32), new string('2', 32))],
        Learners = [new ReplicaRef(new string('c', 32), new string('0', 32))],
        WriterId = "00000000000000ff",
        Counter = 4,
    };

    [Fact]
    public void ReadsBackCountsAndReasons()
    {
        var rejections = new Rejections();
        foreach (var reason in Enum.GetValues<RejectReason>())
        {
            rejections.Add(reason, (int)reason + 1, "detail of " + reason);
        }

        foreach (var reason in Enum.GetValues<ExemplarRejectReason>())
        {
            rejections.AddExemplars(reason, 2 * (int)reason);
        }

        var result = new AppendResult(new StoredCounts(10, 3, 4), null);
        var read = new Rejections();
        Assert.Equal(new RemoteAppendOutcome.Answered(result), AppendAnswerCodec.Read(AppendAnswerCodec.Write(result, rejections), read));
        Assert.Equal(rejections.Message(), read.Message());
        Assert.Equal(Rejections.MaxExamples, read.Examples.Count);
        Assert.Equal(rejections.TotalExemplars, read.TotalExemplars);
        Assert.All(Enum.GetValues<ExemplarRejectReason>(), reason => Assert.Equal(rejections.CountOf(reason), read.CountOf(reason)));
    }

    [Fact]
    public void AddsToWhatWasRejectedBefore()
    {
        var there = new Rejections();
        there.Add(RejectReason.TooOld, 5, "there");
        var here = new Rejections();
        here.Add(RejectReason.TooOld, 2, "here");
        AppendAnswerCodec.Read(AppendAnswerCodec.Write(default, there), here);
        Assert.Equal(7, here.CountOf(RejectReason.TooOld));
        Assert.Equal(["sample_too_old: here", "sample_too_old: there"], here.Examples);
    }

    [Fact]
    public void TellsFailureFromNone()
    {
        foreach (var failure in new[] { null, "", "the disk is full" })
        {
            var result = new AppendResult(default, failure);
            Assert.Equal(new RemoteAppendOutcome.Answered(result), AppendAnswerCodec.Read(AppendAnswerCodec.Write(result, new Rejections()), new Rejections()));
        }
    }

    [Fact]
    public void CarriesTheEntry_WhenNotPrimary()
    {
        Assert.Equal(new RemoteAppendOutcome.NotPrimary(null), AppendAnswerCodec.Read(AppendAnswerCodec.WriteNotPrimary(null), new Rejections()));
        var outcome = Assert.IsType<RemoteAppendOutcome.NotPrimary>(AppendAnswerCodec.Read(AppendAnswerCodec.WriteNotPrimary(Entry), new Rejections()));
        Assert.Equal(Entry.Serialize(), outcome.KnownEntry!.Serialize());
    }

    [Fact]
    public void CountsReasonsOfLaterVersions()
    {
        var answer = new AppendAnswer { Done = new AppendDone { Samples = 1 } };
        answer.Done.Rejected.Add(new RejectedCount { Reason = "of_a_later_version", Count = 3 });
        answer.Done.RejectedExemplars.Add(new RejectedCount { Reason = "of_a_later_version", Count = 4 });
        var rejections = new Rejections();
        AppendAnswerCodec.Read(answer.ToByteArray(), rejections);
        Assert.Equal(3, rejections.CountOf(RejectReason.Other));
        Assert.Equal(4, rejections.CountOf(ExemplarRejectReason.Other));
        Assert.Throws<RemoteFormatException>(() => AppendAnswerCodec.Read([0x1A, 0], rejections));
    }

    internal static byte[] Any(Random random)
    {
        if (random.Next(3) == 0)
        {
            return AppendAnswerCodec.WriteNotPrimary(Entry);
        }

        var rejections = new Rejections();
        for (var i = random.Next(5); i > 0; i--)
        {
            rejections.Add((RejectReason)random.Next(RejectReasons.Count), random.Next(9), "detail");
            rejections.AddExemplars((ExemplarRejectReason)random.Next(ExemplarRejectReasons.Count), random.Next(9));
        }

        return AppendAnswerCodec.Write(new AppendResult(new StoredCounts(random.Next(), random.Next(), random.Next()), random.Next(2) == 0 ? null : "why"), rejections);
    }
}
