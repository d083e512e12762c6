using System.Collections.Immutable;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.PartitionLog.Core;
using Body = Deucalion.Common.Contracts.V1.ReplicaEnvelope.BodyOneofCase;
using LogPoint = Deucalion.Replication.PartitionLog.LogPoint;
using LogSummary = Deucalion.Replication.PartitionLog.Core.LogSummary;
using PointMessage = Deucalion.Common.Contracts.V1.LogPoint;
using SummaryMessage = Deucalion.Common.Contracts.V1.LogSummary;

namespace Deucalion.Replication.Transport;

/// <summary>Between a message as the core has it and as <c>replication.proto</c> has it; the records of an append are left out on the way there.</summary>
internal static class ReplicaBodies
{
    /// <summary>The envelope of a message.</summary>
    public static ReplicaEnvelope Wrap(PartitionId partition, ReplicaMessage message)
    {
        var envelope = new ReplicaEnvelope { Partition = partition.Value, Term = message.Term };
        switch (message)
        {
            case PromiseRequest:
                envelope.PromiseRequest = new PromiseRequestBody();
                break;
            case Promise m:
                envelope.Promise = new PromiseBody { Incarnation = Id(m.Incarnation), Log = Summary(m.Log) };
                break;
            case TermRefused m:
                envelope.TermRefused = new TermRefusedBody { Newer = m.Newer };
                break;
            case AppendRecords m:
                envelope.Append = new AppendBody { Previous = Point(m.Previous), CommitIndex = m.CommitIndex };
                break;
            case AppendMismatch m:
                envelope.AppendMismatch = new AppendMismatchBody { Incarnation = Id(m.Incarnation), Log = Summary(m.Log) };
                break;
            case Appended m:
                envelope.Appended = new AppendedBody { Incarnation = Id(m.Incarnation), Durable = m.Durable };
                break;
            case ForeignLog m:
                envelope.ForeignLog = new ForeignLogBody { Base = Point(m.Base) };
                break;
            case Heartbeat m:
                envelope.Heartbeat = new HeartbeatBody { SentAt = m.SentAt, CommitIndex = m.CommitIndex };
                break;
            case HeartbeatReply m:
                envelope.HeartbeatReply = new HeartbeatReplyBody { Incarnation = Id(m.Incarnation), SentAt = m.SentAt, Durable = m.Durable, Granted = m.Granted };
                break;
            case GrantReleased:
                envelope.GrantReleased = new GrantReleasedBody();
                break;
            case StandAside:
                envelope.StandAside = new StandAsideBody();
                break;
            case CommitQuery m:
                envelope.CommitQuery = new CommitQueryBody { Read = m.Read };
                break;
            case CommitReply m:
                envelope.CommitReply = new CommitReplyBody { Read = m.Read, CommitIndex = m.CommitIndex };
                break;
            case PlaceReplica m:
                envelope.PlaceReplica = new PlaceReplicaBody { Node = Id(m.Node.Value), InsteadOf = m.InsteadOf is { } old ? Id(old.Value) : null };
                break;
            case HandOffRequest m:
                envelope.HandOff = new HandOffBody { To = Id(m.To.Value) };
                break;
            case SetNumbers m:
                envelope.SetNumbers = new SetNumbersBody { ReplicationFactor = m.ReplicationFactor, MinInSync = m.MinInSync };
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(message), message, "a message that has no encoding");
        }

        return envelope;
    }

    /// <summary>The message of an envelope; null where this version does not know its kind.</summary>
    /// <exception cref="ReplicaMessageFormatException">Something is missing in it, or contradicts itself.</exception>
    public static ReplicaMessage? Unwrap(ReplicaEnvelope e) => e.BodyCase switch
    {
        Body.PromiseRequest => new PromiseRequest(e.Term),
        Body.Promise => new Promise(e.Term, Id(e.Promise.Incarnation), Summary(e.Promise.Log)),
        Body.TermRefused => new TermRefused(e.Term, e.TermRefused.Newer),
        Body.Append => Append(e),
        Body.AppendMismatch => new AppendMismatch(e.Term, Id(e.AppendMismatch.Incarnation), Summary(e.AppendMismatch.Log)),
        Body.Appended => new Appended(e.Term, Id(e.Appended.Incarnation), e.Appended.Durable),
        Body.ForeignLog => new ForeignLog(e.Term, Point(e.ForeignLog.Base)),
        Body.Heartbeat => new Heartbeat(e.Term, e.Heartbeat.SentAt, e.Heartbeat.CommitIndex),
        Body.HeartbeatReply => new HeartbeatReply(
            e.Term, Id(e.HeartbeatReply.Incarnation), e.HeartbeatReply.SentAt, e.HeartbeatReply.Durable, e.HeartbeatReply.Granted),
        Body.GrantReleased => new GrantReleased(e.Term),
        Body.StandAside => new StandAside(e.Term),
        Body.CommitQuery => new CommitQuery(e.Term, e.CommitQuery.Read),
        Body.CommitReply => new CommitReply(e.Term, e.CommitReply.Read, e.CommitReply.CommitIndex),
        Body.PlaceReplica => new PlaceReplica(
            e.Term, new NodeId(Id(e.PlaceReplica.Node)), e.PlaceReplica.InsteadOf is { } old ? new NodeId(Id(old)) : null),
        Body.HandOff => new HandOffRequest(e.Term, new NodeId(Id(e.HandOff.To))),
        Body.SetNumbers => new SetNumbers(e.Term, e.SetNumbers.ReplicationFactor, e.SetNumbers.MinInSync),
        _ => null,
    };

    private static AppendRecords Append(ReplicaEnvelope envelope)
    {
        var previous = Point(envelope.Append.Previous);
        var records = ReplicaRecords.Read(envelope.Records.Memory, envelope.Partition, previous, envelope.Term);
        return new AppendRecords(envelope.Term, previous, records, envelope.Append.CommitIndex);
    }

    private static Id128 Id(UInt128 value) => new() { High = (ulong)(value >> 64), Low = (ulong)value };

    private static UInt128 Id(Id128? id) => id is null ? throw Missing("a name") : new UInt128(id.High, id.Low);

    private static PointMessage Point(LogPoint point) => new() { Term = point.Term, Seq = point.Seq, Crc = point.Crc };

    private static LogPoint Point(PointMessage? point)
    {
        if (point is null)
        {
            throw Missing("a point of the log");
        }

        // The largest are left out so that those behind them can always be named.
        return point.Term < 0 || point.Seq is < 0 or > long.MaxValue - int.MaxValue
            ? throw new ReplicaMessageFormatException($"no log has a record {point.Seq} of term {point.Term}")
            : new LogPoint(point.Term, point.Seq, point.Crc);
    }

    private static SummaryMessage Summary(LogSummary log)
    {
        var message = new SummaryMessage { Base = Point(log.Base), End = Point(log.End) };
        foreach (var span in log.Spans)
        {
            message.SpanTerms.Add(span.Term);
            message.SpanFirsts.Add(span.First);
        }

        return message;
    }

    private static LogSummary Summary(SummaryMessage? message)
    {
        if (message is null)
        {
            throw Missing("the summary of a log");
        }

        var start = Point(message.Base);
        var end = Point(message.End);
        var (terms, firsts) = (message.SpanTerms, message.SpanFirsts);
        if (terms.Count == 0 || terms.Count != firsts.Count || firsts[0] != start.Seq || firsts[^1] > end.Seq)
        {
            throw new ReplicaMessageFormatException($"the summary of a log from {start} to {end} has {terms.Count} terms at {firsts.Count} places");
        }

        var spans = ImmutableArray.CreateBuilder<TermSpan>(terms.Count);
        for (var i = 0; i < terms.Count; i++)
        {
            if (i > 0 && firsts[i] <= firsts[i - 1])
            {
                throw new ReplicaMessageFormatException($"the summary of a log goes back from {firsts[i - 1]} to {firsts[i]}");
            }

            spans.Add(new TermSpan(terms[i], firsts[i]));
        }

        return new LogSummary(start, end, spans.MoveToImmutable());
    }

    private static ReplicaMessageFormatException Missing(string what) => new($"a message lacks {what}");
}
