namespace Deucalion.Common.Wire;

/// <summary>How calls are served.</summary>
public sealed class WireServerOptions
{
    /// <summary>Largest message of both sides where nothing else is said: the largest record of a journal (64 MiB), and room for what goes around it.</summary>
    public const int DefaultMaxMessageSize = 65 << 20;

    /// <summary>Largest message in bytes, sent and received.</summary>
    public int MaxMessageSize { get; init; } = DefaultMaxMessageSize;

    /// <summary>This node, 32 hexadecimal digits: calls that name another one are refused. Null: every call is taken.</summary>
    public string? NodeId { get; init; }
}
