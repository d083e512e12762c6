using System.Buffers.Binary;
using Deucalion.Common.Contracts;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Simulation.Model;

/// <summary>What the records of the model say: a sample, a cut, a truncate; and the term start that the protocol writes.</summary>
internal sealed class Records : ITermStart
{
    public static readonly Records Instance = new();

    /// <summary>A sample, in one of the kinds that versions have for it.</summary>
    public static LogRecord Sample(long term, long seq, int sample, RecordKind kind) => Make(term, seq, kind, sample, 0);

    /// <summary>The kind that a version, from the first on, adds for samples.</summary>
    public static RecordKind SampleKind(int version) => RecordKind.Truncate + (byte)version;

    /// <summary>Whether it is a kind for samples.</summary>
    public static bool IsSample(RecordKind kind) => kind == RecordKind.Samples || WrittenSince(kind) > 0;

    /// <summary>Version from which on a kind is written; 0: it was always there.</summary>
    public static int WrittenSince(RecordKind kind) => kind is > RecordKind.Truncate and < RecordKind.TermStart ? kind - RecordKind.Truncate : 0;

    /// <summary>A cut of the how many-th generation. Its name holds the term too: after a forced election a number may come again.</summary>
    public static LogRecord Cut(long term, long seq, int number) => Make(term, seq, RecordKind.Cut, number, ((int)term * 1000) + number);

    public static LogRecord Truncate(long term, long seq, int generation, int block) => Make(term, seq, RecordKind.Truncate, generation, block);

    public static (int First, int Second) Read(LogRecord record) =>
        (BinaryPrimitives.ReadInt32LittleEndian(record.Payload.Span), BinaryPrimitives.ReadInt32LittleEndian(record.Payload.Span[4..]));

    public LogRecord Encode(long term, LogPoint previous, ReplicaId self) =>
        Make(term, previous.Seq + 1, RecordKind.TermStart, (int)(uint)self.Node.Value, (int)(uint)self.Incarnation);

    private static LogRecord Make(long term, long seq, RecordKind kind, int first, int second)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(payload, first);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), second);
        var crc = (((ulong)term * 31) + (ulong)seq) * 0x9E3779B97F4A7C15;
        crc = (crc ^ (uint)first ^ ((ulong)kind << 40)) * 0xBF58476D1CE4E5B9;
        crc = (crc ^ (uint)second) * 0x94D049BB133111EB;
        return new LogRecord(new LogPoint(term, seq, (uint)(crc >> 32)), kind, payload);
    }
}
