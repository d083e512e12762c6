namespace Deucalion.Common.Wire;

/// <summary>Names of headers and trailers.</summary>
internal static class WireHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";
    public const string Protocol = "deucalion-protocol";
    public const string Node = "deucalion-node";
    public const string To = "deucalion-to";

    /// <summary>Whether a content type is that of gRPC, with or without the name of an encoding of messages.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');
}
