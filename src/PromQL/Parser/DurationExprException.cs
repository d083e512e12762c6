namespace Deucalion.PromQL.Parser;

/// <summary>A duration expression has no usable value. The message is Prometheus's, with byte offsets into the query.</summary>
public sealed class DurationExprException(string message) : Exception(message);
