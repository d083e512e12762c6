using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>Messages that wait for one peer, within a bound of bytes. Any number of writers, one reader.</summary>
internal sealed class OutgoingQueue(TransportOptions options, TransportMetrics metrics)
{
    // What a message takes besides records and terms of a log: more than it does.
    private const int MessageSize = 96;
    private const int SpanSize = 24;

    private readonly Channel<Outgoing> _messages = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    private long _bytes;

    /// <summary>Bytes that wait.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Puts a message behind the others, or drops it.</summary>
    public void Add(PartitionId partition, ReplicaMessage message)
    {
        if (message is AppendRecords append && ReplicaRecords.SizeOf(append.Records) > options.MessageBytes && append.Records.Length > 1)
        {
            AddInParts(partition, append);
            return;
        }

        var size = SizeOf(message);
        if (size > options.MaxFrameBytes)
        {
            metrics.Dropped(ReplicaMessageKinds.NameOf(message), "too_large");
        }
        else if (Interlocked.Add(ref _bytes, size) - size >= options.QueueBytes)
        {
            // What is larger than the room that is left gets in all the same: it would never find the queue empty.
            Interlocked.Add(ref _bytes, -size);
            metrics.Dropped(ReplicaMessageKinds.NameOf(message), "full");
        }
        else
        {
            _messages.Writer.TryWrite(new Outgoing(partition, message, size));
        }
    }

    /// <summary>Waits until there is something to send.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _messages.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Moves messages from the front into a frame, as many as go together; returns how many.</summary>
    public int Take(ProtobufBuffer frame)
    {
        var count = 0;
        while (_messages.Reader.TryPeek(out var next) && (count == 0 || frame.Length + next.Size <= options.FrameBytes) && TryTake(out next))
        {
            ReplicaMessageCodec.Write(frame, next.Partition, next.Message);
            metrics.Sent(ReplicaMessageKinds.NameOf(next.Message));
            count++;
        }

        return count;
    }

    /// <summary>Drops everything that waits.</summary>
    public void Drop(string reason)
    {
        while (TryTake(out var next))
        {
            metrics.Dropped(ReplicaMessageKinds.NameOf(next.Message), reason);
        }
    }

    private bool TryTake([MaybeNullWhen(false)] out Outgoing next)
    {
        var taken = _messages.Reader.TryRead(out next);
        Interlocked.Add(ref _bytes, taken ? -next.Size : 0);
        return taken;
    }

    /// <summary>One append as several that follow each other: to the receiver it is the same.</summary>
    private void AddInParts(PartitionId partition, AppendRecords append)
    {
        var previous = append.Previous;
        for (var first = 0; first < append.Records.Length;)
        {
            var end = first;
            long size = 0;
            do
            {
                size += ReplicaRecords.SizeOf(append.Records[end++]);
            }
            while (end < append.Records.Length && size + ReplicaRecords.SizeOf(append.Records[end]) <= options.MessageBytes);

            Add(partition, append with { Previous = previous, Records = ImmutableArray.Create(append.Records, first, end - first) });
            previous = append.Records[end - 1].Point;
            first = end;
        }
    }

    private static long SizeOf(ReplicaMessage message) => MessageSize + message switch
    {
        AppendRecords m => ReplicaRecords.SizeOf(m.Records),
        Promise m => SpanSize * m.Log.Spans.Length,
        AppendMismatch m => SpanSize * m.Log.Spans.Length,
        _ => 0,
    };

    private readonly record struct Outgoing(PartitionId Partition, ReplicaMessage Message, long Size);
}
