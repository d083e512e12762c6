using System.Runtime.CompilerServices;

namespace Deucalion.Common.Wire;

/// <summary>A bidirectional call as its caller sees it.</summary>
internal sealed class ClientStream : IWireStream
{
    private readonly string _address;
    private readonly int _maxMessageSize;
    private readonly Task<HttpResponseMessage> _response;
    private readonly CallContent _content;
    private readonly CancellationTokenSource _ended;
    private readonly WireMetrics.CallMetrics? _measured;
    private Stream? _requests;
    private FrameReader? _reader;
    private volatile WireException? _failure;
    private bool _completed;
    private bool _finished;
    private int _disposed;

    public ClientStream(
        string address, int maxMessageSize, Task<HttpResponseMessage> response, CallContent content, CancellationTokenSource ended, WireMetrics.CallMetrics? measured)
    {
        _address = address;
        _maxMessageSize = maxMessageSize;
        _response = response;
        _content = content;
        _ended = ended;
        _measured = measured;
    }

    /// <summary>Waits until messages can be sent.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The answer may be a failure before there is a stream, or be faster than the news of the stream.
            if (await Task.WhenAny(_content.Opened, _response).WaitAsync(cancellationToken) == _response)
            {
                await _response;
            }

            _requests = await _content.Opened.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Told by the response, where both failed: the content only knows that it was given up.
            await _response.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (_response.IsCompletedSuccessfully)
            {
                // The peer was so fast to end the call that there is nothing left to send to; receiving tells how it ended.
                return;
            }

            throw Failed(_response.Exception?.InnerException ?? exception);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (_completed)
        {
            throw new InvalidOperationException("nothing is sent after the completion");
        }

        if (_requests is null)
        {
            throw SendFailed(null);
        }

        try
        {
            await FrameWriter.WriteAsync(_requests, message, _maxMessageSize, cancellationToken);
            _measured?.Sent(message.Length);
        }
        catch (Exception exception) when (exception is not WireException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw SendFailed(exception);
        }
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        _completed = true;
        _content.Complete();
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WireMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_finished)
            {
                return _failure is null ? null : throw new WireException(_failure.Status, _failure.Message, _failure);
            }

            _reader ??= await BeginAsync(cancellationToken);
            var message = await _reader.ReadAsync(cancellationToken);
            if (message is { } received)
            {
                _measured?.Received(received.Payload.Length);
                return received;
            }

            Finish(await _response);
            return null;
        }
        catch (Exception exception) when (exception is not WireException || !_finished)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _measured?.Ended(WireStatus.Cancelled);
        _content.Abandon();
        await _ended.CancelAsync();
        _ = _content.Opened.Exception;
        _reader?.Dispose();
        _ = _response.ContinueWith(
            static response =>
            {
                if (response.IsCompletedSuccessfully)
                {
                    response.Result.Dispose();
                }

                _ = response.Exception;
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        _ended.Dispose();
    }

    private async ValueTask<FrameReader> BeginAsync(CancellationToken cancellationToken)
    {
        var response = await _response.WaitAsync(cancellationToken);
        if (WireFailure.OfResponse(response, _address) is { } refused)
        {
            throw refused;
        }

        return new FrameReader(await response.Content.ReadAsStreamAsync(cancellationToken), _maxMessageSize);
    }

    /// <summary>The peer ended the call; its trailers tell how.</summary>
    private void Finish(HttpResponseMessage response)
    {
        var trailers = response.Headers.Contains(WireHeaders.Status) ? response.Headers : response.TrailingHeaders;
        var failure = WireFailure.OfHeaders(trailers, _address, WireStatus.Unknown);
        _failure = failure;
        _finished = true;
        _measured?.Ended(failure?.Status ?? WireStatus.Ok);
        _content.Complete();
        if (failure is not null)
        {
            throw failure;
        }
    }

    private WireException Failed(Exception exception)
    {
        var failure = exception is WireException known ? known
            : _ended.IsCancellationRequested || exception is ObjectDisposedException ? new WireException(WireStatus.Cancelled, $"the call to {_address} was given up", exception)
            : WireFailure.Of(exception, _address);
        _failure = failure;
        _finished = true;
        _measured?.Ended(failure.Status);
        return failure;
    }

    /// <summary>What the sender is told; the receiver, who may have messages before the end, finds out for itself.</summary>
    private WireException SendFailed(Exception? exception)
    {
        if (_failure is { } known)
        {
            return new WireException(known.Status, known.Message, exception);
        }

        if (_response is { IsCompletedSuccessfully: true, Result.Headers: var headers } && headers.Contains(WireHeaders.Status))
        {
            return WireFailure.OfHeaders(headers, _address, WireStatus.Unknown) ?? new WireException(WireStatus.Cancelled, $"{_address} has ended the call", exception);
        }

        if (_response.Exception?.InnerException is { } cause)
        {
            return WireFailure.Of(cause, _address);
        }

        return exception is null or OperationCanceledException or ObjectDisposedException
            ? new WireException(WireStatus.Cancelled, $"the call to {_address} has ended", exception)
            : WireFailure.Of(exception, _address);
    }
}
