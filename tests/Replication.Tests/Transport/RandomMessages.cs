using System.Collections.Immutable;
using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Tests.Transport;

/// <summary>Messages of all kinds with contents by chance, and what they say as text (messages with arrays have no equality of contents).</summary>
internal static class RandomMessages
{
    public const int Kinds = 16;

    public static ReplicaMessage Next(Random random, int partition, int kind)
    {
        var term = random.NextInt64(1, 1L << random.Next(1, 62));
        return kind switch
        {
            0 => new PromiseRequest(term),
            1 => new Promise(term, Id(random), Summary(random)),
            2 => new TermRefused(term, Number(random)),
            3 => Append(random, partition, term, random.Next(0, 20), 400),
            4 => new AppendMismatch(term, Id(random), Summary(random)),
            5 => new Appended(term, Id(random), Number(random)),
            6 => new ForeignLog(term, Point(random)),
            7 => new Heartbeat(term, Number(random) - 5, Number(random)),
            8 => new HeartbeatReply(term, Id(random), Number(random) - 5, Number(random), random.Next(2) == 0),
            9 => new GrantReleased(term),
            10 => new CommitQuery(term, Number(random)),
            11 => new CommitReply(term, Number(random), Number(random)),
            12 => new PlaceReplica(term, new NodeId(Id(random)), random.Next(2) == 0 ? null : new NodeId(Id(random))),
            14 => new StandAside(term),
            13 => new HandOffRequest(term, new NodeId(Id(random))),
            _ => new SetNumbers(term, random.Next(1, 9), random.Next(1, 9)),
        };
    }

    public static AppendRecords Append(Random random, int partition, long term, int count, int maxPayload)
    {
        var previous = random.Next(4) == 0 ? LogPoint.Start : Point(random);
        var records = ImmutableArray.CreateBuilder<LogRecord>(count);
        for (var i = 1; i <= count; i++)
        {
            var payload = new byte[random.Next(maxPayload)];
            random.NextBytes(payload);
            records.Add(Record(partition, Math.Min(term, random.NextInt64(1, term + 1)), previous.Seq + i, (RecordKind)random.Next((int)RecordKind.Series, (int)RecordKind.Truncate + 1), payload));
        }

        return new AppendRecords(term, previous, records.MoveToImmutable(), Number(random));
    }

    public static LogRecord Record(int partition, long term, long seq, RecordKind kind, byte[] payload)
    {
        var bytes = new byte[LogRecordFormat.HeaderLength + payload.Length];
        LogRecordFormat.WriteHeader(bytes, new LogRecordHeader(0, payload.Length, term, seq, partition, kind));
        payload.CopyTo(bytes.AsSpan(LogRecordFormat.HeaderLength));
        return new LogRecord(new LogPoint(term, seq, Crc32C.Compute(bytes.AsSpan(4))), kind, payload);
    }

    public static string Describe(ReplicaMessage message) => message switch
    {
        AppendRecords m => string.Create(CultureInfo.InvariantCulture, $"append {m.Term} {m.Previous} {m.CommitIndex}: ")
            + string.Join("; ", m.Records.Select(static r => $"{r.Point} {r.Kind} {Convert.ToHexString(r.Payload.Span)}")),
        Promise m => $"promise {m.Term} {m.Incarnation} {Describe(m.Log)}",
        AppendMismatch m => $"mismatch {m.Term} {m.Incarnation} {Describe(m.Log)}",
        _ => message.ToString(),
    };

    private static string Describe(LogSummary log) => $"{log.Base} {log.End} {string.Join(' ', log.Spans)}";

    private static LogSummary Summary(Random random)
    {
        var start = Point(random);
        var spans = new List<TermSpan> { new(start.Term, start.Seq) };
        for (var i = random.Next(6); i > 0; i--)
        {
            spans.Add(new TermSpan(spans[^1].Term + random.Next(1, 5), spans[^1].First + random.Next(1, 1000)));
        }

        return new LogSummary(start, new LogPoint(spans[^1].Term, spans[^1].First + random.Next(100), (uint)random.Next()), [.. spans]);
    }

    private static LogPoint Point(Random random) => new(Number(random), Number(random), (uint)random.NextInt64(uint.MaxValue));

    private static long Number(Random random) => random.NextInt64(1L << random.Next(1, 60));

    private static UInt128 Id(Random random) => new((ulong)random.NextInt64(), (ulong)random.NextInt64(long.MinValue, long.MaxValue));
}
