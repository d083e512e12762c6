using System.Net;
using System.Net.Http.Headers;

namespace Deucalion.Common.Wire;

/// <summary>Body of a request with one message.</summary>
internal sealed class UnaryContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _message;
    private readonly int _maxMessageSize;

    public UnaryContent(ReadOnlyMemory<byte> message, int maxMessageSize)
    {
        _message = message;
        _maxMessageSize = maxMessageSize;
        Headers.ContentType = new MediaTypeHeaderValue(WireHeaders.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        FrameWriter.WriteAsync(stream, _message, _maxMessageSize, cancellationToken).AsTask();

    // gRPC bodies carry no content-length.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
