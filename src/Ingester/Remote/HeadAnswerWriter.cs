using Deucalion.Common.Contracts.V1;
using Deucalion.Ingester.Read;

namespace Deucalion.Ingester.Remote;

/// <summary>Takes a node's answer apart into frames.</summary>
internal static class HeadAnswerWriter
{
    /// <summary>
    /// The frames, one after the other: each is valid until the next is asked for. The contents of a partition are disposed once its frames were taken.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Frames<T>(NodeAnswer<T> answer, IHeadContent<T> content)
    {
        // Not given back where the taker stops half-way: it may still hold a frame.
        var frame = new HeadFrameWriter();
        foreach (var partition in answer.Contents)
        {
            foreach (var full in content.Write(partition.Value, frame))
            {
                yield return full.Finish(partition.Partition, []);
            }

            yield return frame.Finish(partition.Partition, partition.Truncated);
            partition.Dispose();
        }

        yield return frame.Finish(End(answer));
        frame.Dispose();
    }

    private static HeadReadEnd End<T>(NodeAnswer<T> answer)
    {
        var end = new HeadReadEnd();
        end.Answered.AddRange(answer.Answered.Select(static x => x.Value));
        foreach (var (partition, reason) in answer.Unanswered)
        {
            var body = new UnansweredBody { Partition = partition.Value };
            if (reason is not null)
            {
                body.Reason = reason;
            }

            end.Unanswered.Add(body);
        }

        return end;
    }
}
