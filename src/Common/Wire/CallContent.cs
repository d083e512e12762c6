using System.Net;
using System.Net.Http.Headers;

namespace Deucalion.Common.Wire;

/// <summary>Body of the request of a bidirectional call: hands out the stream to write to and stays open until <see cref="Complete"/>.</summary>
internal sealed class CallContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CallContent()
    {
        Headers.ContentType = new MediaTypeHeaderValue(WireHeaders.ContentType);
    }

    /// <summary>The stream, once headers are on their way.</summary>
    public Task<Stream> Opened => _opened.Task;

    /// <summary>Ends the body in order: the peer reads its end.</summary>
    public void Complete() => _completed.TrySetResult();

    /// <summary>Breaks the body off, unless it has ended: the peer sees a call that was given up, never one that ended in order.</summary>
    public void Abandon() => _completed.TrySetCanceled();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            // Headers wait for the first bytes of the body otherwise, and the peer may be the one who speaks first.
            await stream.FlushAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            _opened.TrySetException(exception);
            throw;
        }

        if (!_opened.TrySetResult(stream))
        {
            throw new WireException(WireStatus.Unavailable, "the connection was closed before the call reached the peer");
        }

        using var abandoned = cancellationToken.UnsafeRegister(static (source, token) => ((TaskCompletionSource)source!).TrySetCanceled(token), _completed);
        await _completed.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
