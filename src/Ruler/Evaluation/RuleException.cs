namespace Deucalion.Ruler.Evaluation;

/// <summary>A rule's result cannot be used; the message is Prometheus's.</summary>
public sealed class RuleException(string message) : Exception(message);
