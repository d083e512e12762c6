namespace Deucalion.Ingester.Push;

/// <summary>Why a request is malformed: what, in which message, at which byte of the decompressed body.</summary>
internal readonly record struct RemoteWriteDecodeError(string What, string Message, int Offset)
{
    public override string ToString() => $"malformed remote write request: {What} in {Message} at byte {Offset}";
}
