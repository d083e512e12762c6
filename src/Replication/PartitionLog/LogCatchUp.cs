using System.Collections.Immutable;
using System.Threading.Channels;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// Reads records that are no longer in memory from the journal, for replicas that are catching up, beside the owner's mailbox. Requests that follow each
/// other are served by one pass, in parts of some bytes. What cannot be read, or does not fit into what may wait for the owner, is left out: the protocol
/// asks again.
/// </summary>
internal sealed class LogCatchUp(PartitionId partition, LogShellParts parts, LogInbox inbox)
{
    private const int Waiting = 64;

    // Bytes of records that are handed on together, and that may wait for the owner before more are read.
    private const long PartBytes = 4 << 20;
    private const long WaitingBytes = 32 << 20;

    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private int _running;
    private long _waitingBytes;

    /// <summary>Asks for records by name; for the owner's mailbox.</summary>
    public void Ask(SendRecords send, ImmutableArray<LogPoint> names)
    {
        _requests.Writer.TryWrite(new Request(send, names));
        if (Interlocked.Exchange(ref _running, 1) == 0)
        {
            _ = Task.Run(Run);
        }
    }

    /// <summary>Records that were read are on their way; for the owner's mailbox.</summary>
    public void Taken(RecordsRead read) => Interlocked.Add(ref _waitingBytes, -SizeOf(read.Message.Records));

    private void Run()
    {
        do
        {
            ServeAll();
            Interlocked.Exchange(ref _running, 0);
        }
        while (!parts.Stopping.IsCancellationRequested && _requests.Reader.TryPeek(out _) && Interlocked.Exchange(ref _running, 1) == 0);
    }

    private void ServeAll()
    {
        JournalReader? reader = null;
        var next = 0L;
        try
        {
            while (!parts.Stopping.IsCancellationRequested && _requests.Reader.TryRead(out var request))
            {
                if (reader is null || request.Send.First != next)
                {
                    reader?.Dispose();
                    reader = parts.Journal.OpenReader(partition, request.Send.First);
                }

                next = Serve(reader, request) ? request.Send.Last + 1 : 0;
            }
        }
        catch (Exception exception) when (exception is IOException or LogCorruptException)
        {
            // A segment that was released meanwhile: what its reader wanted is in a checkpoint.
        }
        finally
        {
            reader?.Dispose();
        }
    }

    private bool Serve(JournalReader reader, Request request)
    {
        var send = request.Send;
        var previous = send.Previous;
        var records = ImmutableArray.CreateBuilder<LogRecord>();
        var bytes = 0L;
        for (var next = 0; next < request.Names.Length;)
        {
            if (Interlocked.Read(ref _waitingBytes) >= WaitingBytes || !reader.Read())
            {
                return false;
            }

            var name = request.Names[next];
            if (reader.Partition != partition || reader.Kind.IsNote() || name != new LogPoint(reader.Term, reader.Seq, reader.Crc))
            {
                continue;
            }

            records.Add(new LogRecord(name, reader.Kind, reader.Payload.ToArray()));
            bytes += reader.Payload.Length;
            next++;
            if (bytes >= PartBytes || next == request.Names.Length)
            {
                var part = new AppendRecords(send.Term, previous, records.DrainToImmutable(), send.CommitIndex);
                Interlocked.Add(ref _waitingBytes, bytes);
                inbox.Add(new RecordsRead(send.To, part));
                (previous, bytes) = (name, 0);
            }
        }

        return true;
    }

    private static long SizeOf(ImmutableArray<LogRecord> records)
    {
        var bytes = 0L;
        foreach (ref readonly var record in records.AsSpan())
        {
            bytes += record.Payload.Length;
        }

        return bytes;
    }

    private readonly record struct Request(SendRecords Send, ImmutableArray<LogPoint> Names);
}
