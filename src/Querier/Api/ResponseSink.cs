using System.IO.Compression;
using Deucalion.Querier.Json;
using Microsoft.AspNetCore.Http;

namespace Deucalion.Querier.Api;

/// <summary>
/// Sends the JSON of one answer: short ones whole with their length, longer ones in pieces as they are written, compressed where the client
/// accepts it. Until the first piece is sent the answer can still become an error.
/// </summary>
internal sealed class ResponseSink(HttpContext http) : IAsyncDisposable
{
    // Below this a compressed answer saves no packet.
    private const int MinCompressedLength = 1400;

    private Stream? _target;

    /// <summary>The text not yet sent.</summary>
    public JsonOutput Output { get; } = new() { Abandoned = http.RequestAborted };

    /// <summary>Whether a piece was sent, so that status and headers are fixed.</summary>
    public bool Started => _target is not null;

    /// <summary>Sends what there is where it has become enough. Awaited between the parts of a long answer.</summary>
    public ValueTask FlushIfFullAsync(CancellationToken cancellationToken) => Output.IsFull ? SendAsync(cancellationToken) : default;

    /// <summary>Sends the rest.</summary>
    public async ValueTask CompleteAsync(int status, CancellationToken cancellationToken)
    {
        if (!Started)
        {
            http.Response.StatusCode = status;
            if (Output.Written.Length < MinCompressedLength || Encoding() is null)
            {
                http.Response.ContentType = "application/json";
                http.Response.ContentLength = Output.Written.Length;
                await http.Response.Body.WriteAsync(Output.Written, cancellationToken);
                return;
            }
        }

        await SendAsync(cancellationToken);
        if (_target is not null && _target != http.Response.Body)
        {
            await _target.DisposeAsync();
            _target = http.Response.Body;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Output.Dispose();
        if (_target is not null && _target != http.Response.Body)
        {
            await _target.DisposeAsync();
        }
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        _target ??= Start();
        await _target.WriteAsync(Output.Written, cancellationToken);
        Output.Clear();
    }

    private Stream Start()
    {
        http.Response.ContentType = "application/json";
        var encoding = Encoding();
        if (encoding is null)
        {
            return http.Response.Body;
        }

        http.Response.Headers.ContentEncoding = encoding;
        return encoding == "gzip"
            ? new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true)
            : new ZLibStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }

    private string? Encoding()
    {
        foreach (var header in http.Request.Headers.AcceptEncoding)
        {
            foreach (var range in header.AsSpan().Split(','))
            {
                switch (header.AsSpan()[range].Trim())
                {
                    case "gzip": return "gzip";
                    case "deflate": return "deflate";
                }
            }
        }

        return null;
    }
}
