using Deucalion.Common.Contracts.V1;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Replication.Coordination;
using Google.Protobuf;

namespace Deucalion.Ingester.Remote;

/// <summary>Answers to appends as <c>AppendAnswer</c>.</summary>
internal static class AppendAnswerCodec
{
    /// <summary>What the partition has answered.</summary>
    public static byte[] Write(AppendResult result, Rejections rejections)
    {
        var done = new AppendDone { Samples = result.Stored.Samples, Histograms = result.Stored.Histograms, Exemplars = result.Stored.Exemplars };
        if (result.RetryableFailure is { } failure)
        {
            done.RetryableFailure = failure;
            done.MayMove = result.MayMove;
        }

        if (rejections.Total + rejections.TotalExemplars > 0)
        {
            Add(done, rejections);
        }

        return new AppendAnswer { Done = done }.ToByteArray();
    }

    /// <summary>This node is not the primary; the entry that it knows.</summary>
    public static byte[] WriteNotPrimary(PartitionEntry? entry) =>
        new AppendAnswer { NotPrimary = new NotPrimary { Entry = RemoteMessage.WriteEntry(entry) } }.ToByteArray();

    /// <summary>Reads an answer; what was rejected is added to <paramref name="rejections"/>.</summary>
    /// <exception cref="RemoteFormatException">The bytes are none.</exception>
    public static RemoteAppendOutcome Read(ReadOnlySpan<byte> bytes, Rejections rejections)
    {
        var answer = RemoteMessage.Parse(AppendAnswer.Parser, bytes, "the answer to an append");
        return answer.OutcomeCase switch
        {
            AppendAnswer.OutcomeOneofCase.Done => Done(answer.Done, rejections),
            AppendAnswer.OutcomeOneofCase.NotPrimary => new RemoteAppendOutcome.NotPrimary(RemoteMessage.ReadEntry(answer.NotPrimary.Entry)),
            _ => throw new RemoteFormatException("the answer to an append is of an unknown kind"),
        };
    }

    private static RemoteAppendOutcome.Answered Done(AppendDone done, Rejections rejections)
    {
        if (done.Samples < 0 || done.Histograms < 0 || done.Exemplars < 0 || done.Rejected.Concat(done.RejectedExemplars).Any(static x => x.Count < 0))
        {
            throw new RemoteFormatException("the answer to an append counts less than nothing");
        }

        foreach (var rejected in done.Rejected)
        {
            rejections.Add(RejectReasons.Of(rejected.Reason), rejected.Count);
        }

        foreach (var rejected in done.RejectedExemplars)
        {
            rejections.AddExemplars(ExemplarRejectReasons.Of(rejected.Reason), rejected.Count);
        }

        foreach (var example in done.Examples)
        {
            rejections.AddExample(example);
        }

        return new(new AppendResult(new StoredCounts(done.Samples, done.Histograms, done.Exemplars), done.HasRetryableFailure ? done.RetryableFailure : null, done.MayMove));
    }

    private static void Add(AppendDone done, Rejections rejections)
    {
        foreach (var reason in Enum.GetValues<RejectReason>())
        {
            if (rejections.CountOf(reason) is > 0 and var count)
            {
                done.Rejected.Add(new RejectedCount { Reason = RejectReasons.Name(reason), Count = count });
            }
        }

        foreach (var reason in Enum.GetValues<ExemplarRejectReason>())
        {
            if (rejections.CountOf(reason) is > 0 and var count)
            {
                done.RejectedExemplars.Add(new RejectedCount { Reason = ExemplarRejectReasons.Name(reason), Count = count });
            }
        }

        done.Examples.AddRange(rejections.Examples);
    }
}
