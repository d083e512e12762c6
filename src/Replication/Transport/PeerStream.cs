using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Transport;

/// <summary>
/// The stream of messages to one node. Connects when there is something to send, over a connection of its own; what waits goes out together in one
/// frame. When the stream ends everything that waits is dropped, and so is what comes during a pause that grows with each failure: messages of the
/// protocol are worth little when they are old. Messages of one stream arrive in order.
/// </summary>
internal sealed partial class PeerStream : IAsyncDisposable
{
    private const string Down = "down";

    private readonly NodeId _node;
    private readonly TransportParts _parts;
    private readonly Random _random;
    private readonly ILogger<PeerStream> _logger;
    private readonly OutgoingQueue _queue;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private ProtobufBuffer _frame = new();
    private TimeSpan _pause;
    private bool _wasConnected;
    private bool _isReported;
    private volatile bool _isDown;

    public PeerStream(NodeId node, TransportParts parts, Random random)
    {
        _node = node;
        _parts = parts;
        _random = random;
        _logger = parts.Loggers.CreateLogger<PeerStream>();
        _queue = new OutgoingQueue(parts.Options, parts.Metrics);
        _pause = parts.Options.ReconnectDelay;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Sends a message, or drops it. Any thread.</summary>
    public void Send(PartitionId partition, ReplicaMessage message)
    {
        if (_isDown)
        {
            _parts.Metrics.Dropped(ReplicaMessageKinds.NameOf(message), Down);
        }
        else
        {
            _queue.Add(partition, message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _queue.WaitAsync(_stopping.Token))
            {
                await ConnectAndSendAsync();
                _isDown = true;
                _queue.Drop(Down);
                await Task.Delay(Next(), _parts.Time, _stopping.Token);
                _isDown = false;
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The orderly end, also where the stream broke in the same moment.
        }
        finally
        {
            _isDown = true;
            _queue.Drop(Down);
            _frame.Dispose();
        }
    }

    /// <summary>Sends until the stream ends, for whatever reason.</summary>
    private async Task ConnectAndSendAsync()
    {
        var address = _parts.Directory.AddressOf(_node);
        try
        {
            _wasConnected = false;
            await SendOverAsync(address ?? throw new WireException(WireStatus.Unavailable, "its address is not known"));
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            // Whatever it is: the stream is tried again.
            _parts.Metrics.ConnectionFailed();
            if (_wasConnected || !_isReported)
            {
                LogLost(_logger, _node, address, exception.Message);
                _isReported = true;
            }
        }
    }

    private async Task SendOverAsync(string address)
    {
        using var channel = new WireChannel(address, _parts.ChannelOptions(ReplicaProtocol.NameOf(_node)));
        await using var stream = await channel.OpenAsync(ReplicaProtocol.Messages, _stopping.Token);
        await WelcomeAsync(stream);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var watching = WatchAsync(stream, ended);
        var started = _parts.Time.GetTimestamp();
        _parts.Metrics.Connected(1);
        try
        {
            LogConnected(_logger, _node, address);
            (_wasConnected, _isReported) = (true, false);
            while (await _queue.WaitAsync(ended.Token))
            {
                await SendFrameAsync(stream, ended.Token);
            }
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            // The watcher knows why.
            await watching;
        }
        finally
        {
            _parts.Metrics.Connected(-1);
            if (_parts.Time.GetElapsedTime(started) > 2 * _parts.Options.MaxReconnectDelay)
            {
                // It was a good one: what came after it is no failure to connect.
                _pause = _parts.Options.ReconnectDelay;
            }

            await ended.CancelAsync();
            await watching.ContinueWith(static x => _ = x.Exception, TaskScheduler.Default);
        }
    }

    /// <summary>Waits until the other end has taken the stream.</summary>
    private async Task WelcomeAsync(IWireStream stream)
    {
        using var received = await stream.ReceiveAsync(_stopping.Token).AsTask().WaitAsync(_parts.Options.PeerTimeout, _parts.Time, _stopping.Token)
            ?? throw new WireException(WireStatus.Unavailable, "it ended the stream before it began");
        try
        {
            var welcome = ReplicaWelcome.Parser.ParseFrom(received.Payload.Span);
            if (welcome.Node != ReplicaProtocol.NameOf(_node) || welcome.Protocol < ReplicaProtocol.OldestVersion)
            {
                throw new WireException(WireStatus.FailedPrecondition, $"it is node {welcome.Node} with version {welcome.Protocol} of the protocol");
            }
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new WireException(WireStatus.Internal, "its welcome is malformed", exception);
        }
    }

    private async Task SendFrameAsync(IWireStream stream, CancellationToken cancellationToken)
    {
        _frame.Clear();
        var count = _queue.Take(_frame);
        var sent = false;
        try
        {
            var patience = _parts.Options.PeerTimeout + TimeSpan.FromSeconds((double)_frame.Length / _parts.Options.LeastBytesPerSecond);
            await stream.SendAsync(_frame.Memory, cancellationToken).AsTask().WaitAsync(patience, _parts.Time, cancellationToken);
            _parts.Metrics.SentBytes(_frame.Length);
            sent = true;
        }
        finally
        {
            if (!sent)
            {
                // The stream may still hold it.
                _frame = new ProtobufBuffer();
                _parts.Metrics.Lost(count);
            }
        }
    }

    /// <summary>Waits for the end of the stream, and then ends the sending: the other end says nothing but that.</summary>
    private static async Task WatchAsync(IWireStream stream, CancellationTokenSource ended)
    {
        try
        {
            while (await stream.ReceiveAsync(ended.Token) is { } message)
            {
                message.Dispose();
            }

            throw new WireException(WireStatus.Unavailable, "it ended the stream");
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private TimeSpan Next()
    {
        var pause = _pause * (0.5 + _random.NextDouble());
        _pause = _pause * 2 < _parts.Options.MaxReconnectDelay ? _pause * 2 : _parts.Options.MaxReconnectDelay;
        return pause;
    }

    [LoggerMessage(1, LogLevel.Information, "Messages go to node {Node} at {Address}")]
    private static partial void LogConnected(ILogger logger, NodeId node, string address);

    [LoggerMessage(2, LogLevel.Warning, "No messages to node {Node} at {Address}: {Reason}")]
    private static partial void LogLost(ILogger logger, NodeId node, string? address, string reason);
}
