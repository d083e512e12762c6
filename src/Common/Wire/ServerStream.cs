using System.Runtime.CompilerServices;

namespace Deucalion.Common.Wire;

/// <summary>A bidirectional call as its server sees it.</summary>
internal sealed class ServerStream : IWireStream
{
    private readonly Stream _responses;
    private readonly FrameReader _reader;
    private readonly int _maxMessageSize;
    private readonly WireMetrics.CallMetrics _measured;
    private bool _completed;

    public ServerStream(Stream requests, Stream responses, int maxMessageSize, WireMetrics.CallMetrics measured)
    {
        _responses = responses;
        _maxMessageSize = maxMessageSize;
        _measured = measured;
        _reader = new FrameReader(requests, maxMessageSize);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (_completed)
        {
            throw new InvalidOperationException("nothing is sent after the completion");
        }

        try
        {
            await FrameWriter.WriteAsync(_responses, message, _maxMessageSize, cancellationToken);
            _measured.Sent(message.Length);
        }
        catch (Exception exception) when (exception is not WireException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw CallerGone(exception);
        }
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        _completed = true;
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WireMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var message = await _reader.ReadAsync(cancellationToken);
            _measured.Received(message?.Payload.Length ?? 0);
            return message;
        }
        catch (Exception exception) when (exception is not WireException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw CallerGone(exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return ValueTask.CompletedTask;
    }

    private static WireException CallerGone(Exception exception) => new(WireStatus.Cancelled, "the caller has given the call up", exception);
}
