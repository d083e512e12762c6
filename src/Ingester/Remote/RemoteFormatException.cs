namespace Deucalion.Ingester.Remote;

/// <summary>Bytes that came from another node are not what its contract says.</summary>
internal sealed class RemoteFormatException(string message, Exception? inner = null) : FormatException(message, inner);
