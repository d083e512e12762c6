using System.Buffers;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Transport;

/// <summary>
/// Sends checkpoints to learners, each over a connection of its own so that it does not hold up messages, a few at a time; the others wait. What fails is
/// logged and forgotten: the protocol asks for it again. Thread-safe.
/// </summary>
internal sealed partial class CheckpointSender(TransportParts parts) : IAsyncDisposable
{
    private readonly ILogger<CheckpointSender> _logger = parts.Loggers.CreateLogger<CheckpointSender>();
    private readonly SemaphoreSlim _slots = new(parts.Options.MaxTransfers);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<(NodeId To, PartitionId Partition), Task> _running = [];
    private bool _disposed;

    /// <summary>Begins a transfer, unless one to the same place runs or waits; whether it did.</summary>
    public bool Send(NodeId to, PartitionId partition, long term, Func<Stream> open)
    {
        lock (_running)
        {
            if (_disposed || _running.ContainsKey((to, partition)))
            {
                parts.Metrics.CheckpointSent("skipped");
                return false;
            }

            _running.Add((to, partition), Task.Run(() => RunAsync(to, partition, term, open)));
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_running)
        {
            _disposed = true;
            running = [.. _running.Values];
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(running);
        _stopping.Dispose();
        _slots.Dispose();
    }

    private async Task RunAsync(NodeId to, PartitionId partition, long term, Func<Stream> open)
    {
        try
        {
            await _slots.WaitAsync(_stopping.Token);
            try
            {
                var length = await SendAsync(to, partition, term, open, _stopping.Token);
                parts.Metrics.CheckpointSent("success");
                LogSent(_logger, partition, length, to);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The orderly end.
        }
        catch (Exception exception)
        {
            parts.Metrics.CheckpointSent("failure");
            LogFailed(_logger, partition, to, exception.Message);
        }
        finally
        {
            lock (_running)
            {
                _running.Remove((to, partition));
            }
        }
    }

    private async Task<long> SendAsync(NodeId to, PartitionId partition, long term, Func<Stream> open, CancellationToken cancellationToken)
    {
        var address = parts.Directory.AddressOf(to) ?? throw new WireException(WireStatus.Unavailable, "its address is not known");
        using var channel = new WireChannel(address, parts.ChannelOptions(ReplicaProtocol.NameOf(to)));
        await using var stream = await channel.OpenAsync(ReplicaProtocol.Checkpoint, cancellationToken);
        var start = new CheckpointChunk { Start = new CheckpointStart { Partition = partition.Value, Term = term } };
        await InTimeAsync(stream.SendAsync(start.ToByteArray(), cancellationToken).AsTask(), cancellationToken);
        await AnswerAsync(stream, cancellationToken);
        var (length, crc) = await SendBytesAsync(stream, open, cancellationToken);
        var end = new CheckpointChunk { End = new CheckpointEnd { Length = length, Crc = crc } };
        await InTimeAsync(stream.SendAsync(end.ToByteArray(), cancellationToken).AsTask(), cancellationToken);
        return await AnswerAsync(stream, cancellationToken) == length
            ? length
            : throw new WireException(WireStatus.DataLoss, $"not all of {length} bytes were stored");
    }

    private async Task<(long Length, uint Crc)> SendBytesAsync(IWireStream stream, Func<Stream> open, CancellationToken cancellationToken)
    {
        await using var source = open();
        var data = ArrayPool<byte>.Shared.Rent(CheckpointFrame.MaxData);
        var frame = new ProtobufBuffer();
        var started = parts.Time.GetTimestamp();
        var length = 0L;
        var crc = 0u;
        int read;
        while ((read = await source.ReadAtLeastAsync(data.AsMemory(0, CheckpointFrame.MaxData), CheckpointFrame.MaxData, throwOnEndOfStream: false, cancellationToken)) > 0)
        {
            frame.Clear();
            CheckpointFrame.Write(frame, length, data.AsSpan(0, read));
            await InTimeAsync(stream.SendAsync(frame.Memory, cancellationToken).AsTask(), cancellationToken);
            parts.Metrics.CheckpointBytesSent(read);
            length += read;
            crc = Crc32C.Append(crc, data.AsSpan(0, read));
            await PaceAsync(length, started, cancellationToken);
        }

        // Given back only here: a send that failed may still hold the frame.
        frame.Dispose();
        ArrayPool<byte>.Shared.Return(data);
        return (length, crc);
    }

    private async Task PaceAsync(long sent, long started, CancellationToken cancellationToken)
    {
        if (parts.Options.TransferBytesPerSecond is { } rate)
        {
            var early = TimeSpan.FromSeconds((double)sent / rate) - parts.Time.GetElapsedTime(started);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, parts.Time, cancellationToken);
            }
        }
    }

    private async Task<long> AnswerAsync(IWireStream stream, CancellationToken cancellationToken)
    {
        var receiving = stream.ReceiveAsync(cancellationToken).AsTask();
        await InTimeAsync(receiving, cancellationToken);
        using var answer = await receiving ?? throw new WireException(WireStatus.Unavailable, "it ended the transfer");
        return CheckpointAnswer.Parser.ParseFrom(answer.Payload.Span).Stored;
    }

    private Task InTimeAsync(Task step, CancellationToken cancellationToken) => step.WaitAsync(parts.Options.TransferTimeout, parts.Time, cancellationToken);

    [LoggerMessage(1, LogLevel.Information, "Checkpoint of partition {Partition}, {Bytes} bytes, sent to node {Node}")]
    private static partial void LogSent(ILogger logger, PartitionId partition, long bytes, NodeId node);

    [LoggerMessage(2, LogLevel.Warning, "Checkpoint of partition {Partition} was not sent to node {Node}: {Reason}")]
    private static partial void LogFailed(ILogger logger, PartitionId partition, NodeId node, string reason);
}
