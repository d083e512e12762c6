namespace Deucalion.Common.Objects;

/// <summary>What is asked of the service, for messages and metrics.</summary>
/// <param name="Operation">Name of the operation as in metrics.</param>
/// <param name="Key">Key or prefix in the bucket.</param>
internal readonly record struct RequestCall(string Operation, string Key);
