using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordinator;

/// <summary>What came of a command to the coordinator.</summary>
/// <param name="Text">For the operator.</param>
/// <param name="Left">Of a command that takes time: how much there is still to do.</param>
public sealed record CommandAnswer(
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("left")] int Left);
